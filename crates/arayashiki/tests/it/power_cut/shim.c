/* A disk whose power can be cut. Loaded before a program, it keeps beside every file of one folder a durable image that
 * receives bytes at fsync and fdatasync only; what a process wrote and never synced is in the file and not in the image.
 * A control file makes writing fail, as a full or broken disk does. Never touches a file outside of the folder.
 *
 *   POWER_CUT_FOLDER   the folder that is watched
 *   POWER_CUT_IMAGES   where the images go (same names)
 *   POWER_CUT_CONTROL  a file that holds ENOSPC, EROFS, EIO (writes fail) or SYNC_EIO (syncs fail); absent: all is well
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#define FILES 64
#define DESCRIPTORS 65536
#define RANGES 4096

struct range { off_t from, to; };

/* One file by name, whatever descriptors lead to it. */
struct file {
  char name[NAME_MAX + 1];
  struct range dirty[RANGES];
  int dirty_count;
};

static struct file files[FILES];
static int file_count;
static short file_of[DESCRIPTORS]; /* index + 1; 0 is none of ours */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
#define LONGEST 2048
static char folder[LONGEST], images[LONGEST], control[LONGEST];

static int (*real_open)(const char *, int, ...);
static int (*real_openat)(int, const char *, int, ...);
static int (*real_close)(int);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_pread)(int, void *, size_t, off_t);
static int (*real_ftruncate)(int, off_t);
static int (*real_fallocate)(int, int, off_t, off_t);
static int (*real_posix_fallocate)(int, off_t, off_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_unlink)(const char *);
static int (*real_unlinkat)(int, const char *, int);
static int (*real_rename)(const char *, const char *);

static void setting(const char *name, char *into) {
  const char *value = getenv(name);
  if (value != NULL && strlen(value) < LONGEST) strcpy(into, value);
}

__attribute__((constructor)) static void begin(void) {
  real_open = dlsym(RTLD_NEXT, "open64");
  real_openat = dlsym(RTLD_NEXT, "openat64");
  real_close = dlsym(RTLD_NEXT, "close");
  real_write = dlsym(RTLD_NEXT, "write");
  real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
  real_pread = dlsym(RTLD_NEXT, "pread64");
  real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
  real_fallocate = dlsym(RTLD_NEXT, "fallocate64");
  real_posix_fallocate = dlsym(RTLD_NEXT, "posix_fallocate64");
  real_fsync = dlsym(RTLD_NEXT, "fsync");
  real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
  real_unlink = dlsym(RTLD_NEXT, "unlink");
  real_unlinkat = dlsym(RTLD_NEXT, "unlinkat");
  real_rename = dlsym(RTLD_NEXT, "rename");
  setting("POWER_CUT_FOLDER", folder);
  setting("POWER_CUT_IMAGES", images);
  setting("POWER_CUT_CONTROL", control);
}

/* The name within the folder, or NULL. SQLite's shared memory is no file that has to last. */
static const char *name_of(const char *path) {
  size_t length = strlen(folder);
  if (length == 0 || path == NULL || strncmp(path, folder, length) != 0 || path[length] != '/') return NULL;
  const char *name = path + length + 1;
  size_t end = strlen(name);
  if (end == 0 || end > NAME_MAX || strchr(name, '/') != NULL) return NULL;
  if (end > 4 && strcmp(name + end - 4, "-shm") == 0) return NULL;
  return name;
}

static void image_path(const char *name, char *into) { snprintf(into, PATH_MAX, "%s/%s", images, name); }

static int index_of(const char *name) {
  for (int i = 0; i < file_count; i++)
    if (strcmp(files[i].name, name) == 0) return i;
  if (file_count == FILES) abort();
  strcpy(files[file_count].name, name);
  return file_count++;
}

static struct file *file_behind(int fd) {
  if (fd < 0 || fd >= DESCRIPTORS || file_of[fd] == 0) return NULL;
  return &files[file_of[fd] - 1];
}

/* The error that the control file asks for: of writes, or of syncs. */
static int trouble(int of_sync) {
  if (control[0] == 0) return 0;
  int fd = real_open(control, O_RDONLY);
  if (fd < 0) return 0;
  char word[16] = {0};
  ssize_t got = read(fd, word, sizeof word - 1);
  real_close(fd);
  if (got <= 0) return 0;
  if (of_sync) return strncmp(word, "SYNC_EIO", 8) == 0 ? EIO : 0;
  if (strncmp(word, "ENOSPC", 6) == 0) return ENOSPC;
  if (strncmp(word, "EROFS", 5) == 0) return EROFS;
  return strncmp(word, "EIO", 3) == 0 ? EIO : 0;
}

static void opened(int fd, const char *path) {
  const char *name = name_of(path);
  if (fd < 0 || fd >= DESCRIPTORS) return;
  pthread_mutex_lock(&lock);
  file_of[fd] = name == NULL ? 0 : (short)(index_of(name) + 1);
  pthread_mutex_unlock(&lock);
}

static void written(struct file *file, off_t from, off_t to) {
  pthread_mutex_lock(&lock);
  if (file->dirty_count == RANGES) {
    file->dirty[0].from = 0;
    file->dirty[0].to = LLONG_MAX;
    file->dirty_count = 1;
  }
  file->dirty[file->dirty_count++] = (struct range){from, to};
  pthread_mutex_unlock(&lock);
}

static void copy(int from_fd, int to_fd, off_t from, off_t to) {
  static char buffer[1 << 16];
  while (from < to) {
    size_t wanted = to - from < (off_t)sizeof buffer ? (size_t)(to - from) : sizeof buffer;
    ssize_t got = real_pread(from_fd, buffer, wanted, from);
    if (got <= 0) return;
    if (real_pwrite(to_fd, buffer, (size_t)got, from) != got) abort();
    from += got;
  }
}

/* Everything written to this file so far reaches its image, by whichever descriptor it was written. */
static void make_durable(int fd, struct file *file) {
  char path[PATH_MAX];
  struct stat stat_now;
  image_path(file->name, path);
  pthread_mutex_lock(&lock);
  int image = real_open(path, O_WRONLY | O_CREAT, 0600);
  /* Read by this very descriptor: closing another one would drop the process's locks on the file. */
  if (image < 0 || fstat(fd, &stat_now) != 0) abort();
  for (int i = 0; i < file->dirty_count; i++) copy(fd, image, file->dirty[i].from, file->dirty[i].to);
  if (real_ftruncate(image, stat_now.st_size) != 0) abort();
  file->dirty_count = 0;
  real_close(image);
  pthread_mutex_unlock(&lock);
}

static int refuses_creation(const char *path, int flags) {
  if (name_of(path) == NULL || (flags & O_CREAT) == 0 || access(path, F_OK) == 0) return 0;
  int error = trouble(0);
  if (error != 0) errno = error;
  return error != 0;
}

static int open_any(const char *path, int flags, mode_t mode) {
  if (refuses_creation(path, flags)) return -1;
  int fd = real_open(path, flags, mode);
  opened(fd, path);
  return fd;
}

#define MODE(flags) \
  mode_t mode = 0; \
  if ((flags) & (O_CREAT | O_TMPFILE)) { va_list rest; va_start(rest, flags); mode = va_arg(rest, mode_t); va_end(rest); }

int open(const char *path, int flags, ...) { MODE(flags) return open_any(path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags) return open_any(path, flags | O_LARGEFILE, mode); }

static int openat_any(int at, const char *path, int flags, mode_t mode) {
  if (refuses_creation(path, flags)) return -1;
  int fd = real_openat(at, path, flags, mode);
  opened(fd, path);
  return fd;
}

int openat(int at, const char *path, int flags, ...) { MODE(flags) return openat_any(at, path, flags, mode); }
int openat64(int at, const char *path, int flags, ...) { MODE(flags) return openat_any(at, path, flags, mode); }

int close(int fd) {
  if (fd >= 0 && fd < DESCRIPTORS) file_of[fd] = 0;
  return real_close(fd);
}

static int fails(struct file *file, int of_sync) {
  int error = file == NULL ? 0 : trouble(of_sync);
  if (error != 0) errno = error;
  return error != 0;
}

ssize_t write(int fd, const void *bytes, size_t count) {
  struct file *file = file_behind(fd);
  if (file == NULL) return real_write(fd, bytes, count);
  if (fails(file, 0)) return -1;
  off_t at = lseek(fd, 0, SEEK_CUR);
  ssize_t done = real_write(fd, bytes, count);
  if (done > 0) written(file, at, at + done);
  return done;
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t at) {
  struct file *file = file_behind(fd);
  if (fails(file, 0)) return -1;
  ssize_t done = real_pwrite(fd, bytes, count, at);
  if (file != NULL && done > 0) written(file, at, at + done);
  return done;
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at) { return pwrite64(fd, bytes, count, at); }

int ftruncate64(int fd, off64_t size) {
  struct file *file = file_behind(fd);
  if (fails(file, 0)) return -1;
  int done = real_ftruncate(fd, size);
  /* What grows again after a cut is zeros: the image has to hear of them. */
  if (file != NULL && done == 0) written(file, size, LLONG_MAX);
  return done;
}

int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

int fallocate64(int fd, int mode, off64_t at, off64_t count) {
  if (fails(file_behind(fd), 0)) return -1;
  return real_fallocate(fd, mode, at, count);
}

int fallocate(int fd, int mode, off_t at, off_t count) { return fallocate64(fd, mode, at, count); }

int posix_fallocate64(int fd, off64_t at, off64_t count) {
  if (fails(file_behind(fd), 0)) return errno;
  return real_posix_fallocate(fd, at, count);
}

int posix_fallocate(int fd, off_t at, off_t count) { return posix_fallocate64(fd, at, count); }

static int synced(int fd, int (*real)(int)) {
  struct file *file = file_behind(fd);
  if (file == NULL) return real(fd);
  if (fails(file, 1)) return -1;
  make_durable(fd, file);
  return 0;
}

int fsync(int fd) { return synced(fd, real_fsync); }
int fdatasync(int fd) { return synced(fd, real_fdatasync); }

/* Names change at once in the image too: what a journalled file system would do, and the harder case for a log. */
static void gone(const char *path) {
  const char *name = name_of(path);
  char image[PATH_MAX];
  if (name == NULL) return;
  image_path(name, image);
  real_unlink(image);
}

int unlink(const char *path) {
  int done = real_unlink(path);
  if (done == 0) gone(path);
  return done;
}

int unlinkat(int at, const char *path, int flags) {
  int done = real_unlinkat(at, path, flags);
  if (done == 0) gone(path);
  return done;
}

int rename(const char *from, const char *to) {
  int done = real_rename(from, to);
  const char *old = name_of(from), *new = name_of(to);
  char old_image[PATH_MAX], new_image[PATH_MAX];
  if (done == 0 && old != NULL && new != NULL) {
    image_path(old, old_image);
    image_path(new, new_image);
    real_rename(old_image, new_image);
  }
  return done;
}
