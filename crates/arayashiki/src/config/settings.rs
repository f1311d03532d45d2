//! How the table of keys in `keys.rs` becomes structs, and what is known of a section and a key while a file is read. It
//! knows no key itself.

use super::kinds::Shape;
use super::resolve::Resolver;

/// A part of the file: a section that stands once, or a table of which there may be many.
#[derive(Debug)]
pub struct Section {
    /// As in `[mail.smtp]`, without the brackets.
    pub path: &'static str,
    #[cfg(test)]
    pub about: &'static str,
    pub is_many: bool,
    /// The key that tells its tables apart.
    pub id: Option<&'static str>,
    pub keys: &'static [Key],
}

impl Section {
    /// As it is written in the file.
    pub fn header(&self) -> String {
        if self.is_many { format!("[[{}]]", self.path) } else { format!("[{}]", self.path) }
    }

    pub fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.key == name)
    }
}

/// A key as the file names it. The default is the text that an `ARAYASHIKI__…` variable would hold.
#[derive(Debug)]
pub struct Key {
    pub section: &'static str,
    pub key: &'static str,
    /// As errors name it: `[server] listen`.
    pub label: &'static str,
    pub shape: Shape,
    /// None: it must be there.
    pub default: Option<&'static str>,
    pub why: &'static str,
}

impl Key {
    /// Its reason says so first, where whoever fills it in reads it.
    pub fn is_secret(&self) -> bool {
        self.why.starts_with("Secret")
    }
}

/// What one section, or one table of many, becomes.
pub trait Settings: Sized {
    const SECTION: &'static Section;

    /// Every key is read, so that every problem is known, before the first that failed ends it.
    fn read(from: &mut Resolver, row: usize) -> Option<Self>;
}

/// `[…]` stand once, `[[…]]` as often as one likes, told apart by the key after `by` where there is one. A key that says `required` has no
/// default. A key of `[[…]]` that is a word of Rust says how it is written, `as "match"`. `(model::…)` fills a struct that exists elsewhere.
macro_rules! settings {
    (@default required) => { None };
    (@default $default:literal) => { Some($default) };
    (@id) => { None };
    (@id $id:ident) => { Some(stringify!($id)) };
    (@name $key:ident) => { stringify!($key) };
    (@name $key:ident $written:literal) => { $written };
    (@key $open:literal $path:literal $close:literal $key:ident $(as $written:literal)?, $kind:expr, $default:tt, $why:literal) => {
        Key {
            section: $path,
            key: settings!(@name $key $($written)?),
            label: concat!($open, $path, $close, " ", settings!(@name $key $($written)?)),
            shape: $kind.shape,
            default: settings!(@default $default),
            why: $why,
        }
    };
    (@struct ($existing:path) $name:ident $about:literal { $($body:tt)* }) => {
        pub type $name = $existing;
    };
    (@struct $name:ident $about:literal { $( $key:ident: $type:ty, $why:literal; )+ }) => {
        #[doc = $about]
        #[derive(Clone, Debug)]
        #[allow(dead_code, reason = "a key may come before what reads it")]
        pub struct $name { $( #[doc = $why] pub $key: $type, )+ }
    };
    (@settings $name:ident $open:literal $path:literal $close:literal $about:literal $is_many:literal $id:expr, {
        $( $key:ident $(as $written:literal)?: $kind:expr, $default:tt, $why:literal; )+
    }) => {
        impl Settings for $name {
            const SECTION: &'static Section = &Section {
                path: $path,
                #[cfg(test)]
                about: $about,
                is_many: $is_many,
                id: $id,
                keys: &[ $( settings!(@key $open $path $close $key $(as $written)?, $kind, $default, $why), )+ ],
            };

            fn read(from: &mut Resolver, row: usize) -> Option<Self> {
                $( let $key = from.value(
                    &settings!(@key $open $path $close $key $(as $written)?, $kind, $default, $why), row, &$kind,
                ); )+
                Some(Self { $( $key: $key? ),+ })
            }
        }
    };
    (
        $( [$path:literal] $section:ident: $name:ident $about:literal {
            $( $key:ident: $type:ty = $kind:expr, $default:tt, $why:literal; )+
        } )+
        $( [[$many:literal]] $rows:ident: $row:ident $(($existing:path))? $(by $id:ident)? $of:literal {
            $( $column:ident $(as $written:literal)?: $holds:ty = $cell:expr, $blank:tt, $reason:literal; )+
        } )+
    ) => {
        $( settings!(@struct $name $about { $( $key: $type, $why; )+ }); )+
        $( settings!(@struct $(($existing))? $row $of { $( $column: $holds, $reason; )+ }); )+
        $( settings!(@settings $name "[" $path "]" $about false None::<&str>, { $( $key: $kind, $default, $why; )+ }); )+
        $( settings!(@settings $row "[[" $many "]]" $of true settings!(@id $($id)?), {
            $( $column $(as $written)?: $cell, $blank, $reason; )+
        }); )+

        /// Everything that can be set, checked and ready to use.
        #[derive(Clone, Debug)]
        #[allow(dead_code, reason = "a key may come before what reads it")]
        pub struct Config {
            $( #[doc = $about] pub $section: $name, )+
            $( #[doc = $of] pub $rows: Vec<$row>, )+
            /// The file it came from, if there was one. Relative paths in it started from its folder.
            pub origin: Option<PathBuf>,
            /// Files that hold a secret of it.
            pub secret_files: Vec<PathBuf>,
            /// Written by `demo`, which says so; no key of a file does.
            pub is_demo: bool,
        }

        /// In the order of the file.
        pub const SECTIONS: &[&Section] = &[
            $( <$name as Settings>::SECTION, )+
            $( <$row as Settings>::SECTION, )+
        ];

        /// Every section is read, so that every problem is known, before the first that failed ends it.
        pub fn read(from: &mut Resolver, origin: Option<PathBuf>) -> Option<Config> {
            $( let $section = $name::read(from, 0); )+
            $( let $rows = from.rows(); )+
            let secret_files = from.secret_files();
            Some(Config { $( $section: $section?, )+ $( $rows: $rows?, )+ origin, secret_files, is_demo: false })
        }
    };
}

pub(super) use settings;
