//! Answers of EC2: which instances are hosts, under which name, by which tags.

use super::super::ec2;
use super::*;

const ANSWER: &str = r#"{"Reservations": [{"OwnerId": "123456789012", "Instances": [
  {"InstanceId": "i-0000000a1", "State": {"Code": 16, "Name": "running"}, "PrivateIpAddress": "10.0.0.1",
   "PrivateDnsName": "ip-10-0-0-1.ap-northeast-1.compute.internal", "Placement": {"AvailabilityZone": "ap-northeast-1a"},
   "Tags": [{"Key": "Name", "Value": "web-1"}, {"Key": "arayashiki:customer", "Value": "bank"}, {"Key": "role", "Value": "web"},
            {"Key": "arayashiki:user", "Value": "ec2-user"}, {"Key": "arayashiki:match", "Value": "EC front, shop"},
            {"Key": "arayashiki:bastion", "Value": "edge"}, {"Key": "arayashiki:port", "Value": "2222"},
            {"Key": "aws:cloudformation:stack-name", "Value": "s"}]},
  {"InstanceId": "i-0000000b1", "State": {"Name": "running"}, "PrivateIpAddress": "10.0.0.2", "Tags": [{"Key": "Name", "Value": "fleet"}]},
  {"InstanceId": "i-0000000b2", "State": {"Name": "running"}, "Ipv6Address": "2001:db8::2", "Placement": {"AvailabilityZone": "us-west-2-lax-1a"},
   "Tags": [{"Key": "Name", "Value": "fleet"}, {"Key": "arayashiki:port", "Value": "x"}]},
  {"InstanceId": "i-0000000c1", "State": {"Name": "stopped"}, "PrivateIpAddress": "10.0.0.3"},
  {"InstanceId": "i-0000000d1", "State": {"Name": "running"}, "PrivateIpAddress": ""},
  {"InstanceId": "i-0000000e1", "State": {"Name": "running"}, "PrivateIpAddress": "10.0.0.5", "Tags": [{"Key": "Name", "Value": "名前 あり"}]}
]}]}"#;

#[test]
fn what_runs_is_a_host_by_its_tags() {
    let mut complaints = Vec::new();
    let drafts = ec2::read(&file("ec2.json", ANSWER), &mut complaints);
    let told = lines(&complaints);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].contains("\"x\", which is no port") && told[1].contains("i-0000000d1 is left out"), "{told:?}");
    let edge = Draft { address: Some("192.0.2.1".into()), ..own("edge") };
    let own = Drafts { hosts: Vec::new(), bastions: vec![edge] };
    let customers = vec!["bank".to_owned()];
    let (inventory, complaints) =
        inventory(Sources { own, others: vec![drafts], defaults: defaults(), customers, ..Sources::default() });
    assert_eq!(lines(&complaints), [""; 0]);
    assert_eq!(names(&inventory), ["i-0000000b1", "i-0000000b2", "i-0000000e1", "web-1"]);
    let web = inventory.host("web-1").unwrap();
    assert_eq!((web.at.address.as_str(), web.at.port, web.at.user.as_str()), ("10.0.0.1", 2222, "ec2-user"));
    assert_eq!((web.customer.as_deref(), &web.via[..], web.matches.len()), (Some("bank"), &["edge".to_owned()][..], 2));
    assert_eq!(
        web.tags.keys().map(String::as_str).collect::<Vec<_>>(),
        ["Name", "instance-id", "private-name", "role"]
    );
    assert_eq!(web.origin.to_string(), "123456789012/ap-northeast-1/i-0000000a1");
    let local = inventory.host("i-0000000b2").unwrap();
    assert_eq!(
        (local.origin.to_string().as_str(), local.at.address.as_str()),
        ("123456789012/us-west-2/i-0000000b2", "2001:db8::2")
    );
}

#[test]
fn what_is_no_whole_answer_is_told() {
    for (text, expected) in [
        ("{}", "is no answer to DescribeInstances"),
        ("<DescribeInstancesResponse/>", "ec2.json:1: is no answer"),
        (r#"{"Reservations": [], "NextToken": "x"}"#, "first page"),
    ] {
        let mut complaints = Vec::new();
        let drafts = ec2::read(&file("ec2.json", text), &mut complaints);
        assert!(drafts.hosts.is_empty() && lines(&complaints)[0].contains(expected), "{:?}", lines(&complaints));
    }
}
