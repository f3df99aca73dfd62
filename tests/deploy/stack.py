"""The scripts of deploy/ create, change and delete everything, on a stand-in for AWS on loopback.

Needs cfn-lint, moto and the AWS CLI, which `make check-deploy` installs and runs this with.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOLS = Path(sys.executable).parent

DOCKER = """#!/bin/bash
echo "$@" >> "$DOCKER_LOG"
case $1 in
  info) exit "${DOCKER_DOWN:-0}" ;;
  build) tar -t >> "$DOCKER_LOG" ;;
  login) cat > /dev/null ;;
  push)
    [[ ${DOCKER_LOSES_IMAGES:-} ]] && exit 0
    image=${3#*/}
    type=application/vnd.oci.image.manifest.v1+json
    aws ecr put-image --repository-name "${image%:*}" --image-tag "${image##*:}" \\
      --image-manifest '{"schemaVersion": 2}' --image-manifest-media-type $type
    ;;
esac
"""
"""Stands for docker: notes its calls, and a push puts a manifest into the repository."""


class Account:
    """A checkout of the project, and an account of AWS to deploy it to."""

    def __init__(self, folder: Path, url: str) -> None:
        self.url = url
        self.log = folder / "docker.log"
        self.log.touch()
        self.checkout = folder / "checkout"
        shutil.copytree(ROOT / "deploy", self.checkout / "deploy")
        (self.checkout / "Dockerfile").write_text("FROM scratch\n")
        self.bin = folder / "bin"
        self.bin.mkdir()
        (self.bin / "docker").write_text(DOCKER)
        (self.bin / "docker").chmod(0o755)
        self.git("init", "--quiet")
        self.commit()

    def git(self, *arguments: str) -> str:
        who = ("-c", "user.name=Nobody", "-c", "user.email=nobody@example.org")
        done = subprocess.run(
            ["git", *who, *arguments], cwd=self.checkout, capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def commit(self) -> str:
        self.git("add", ".")
        self.git("commit", "--quiet", "--allow-empty", "--message", "A change")
        return self.git("rev-parse", "HEAD")

    def run(
        self, script: str, *arguments: str, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        chosen = {
            "PATH": f"{self.bin}:{TOOLS}:{os.environ['PATH']}",
            "AWS_ENDPOINT_URL": self.url,
            "AWS_REGION": "eu-central-1",
            "AWS_ACCESS_KEY_ID": "nobody",
            "AWS_SECRET_ACCESS_KEY": "nothing",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": "/nowhere",
            "AWS_SHARED_CREDENTIALS_FILE": "/nowhere",
            "DOCKER_LOG": str(self.log),
        }
        return subprocess.run(
            [self.checkout / "deploy" / script, *arguments],
            env=kept | chosen | environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def deploy(self, *arguments: str) -> str:
        """Deploy, and give what is printed: the address."""
        done = self.run("deploy.sh", *arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def client(self, service: str) -> Any:
        return boto3.client(
            service,
            region_name="eu-central-1",
            endpoint_url=self.url,
            aws_access_key_id="nobody",
            aws_secret_access_key="nothing",
        )

    def services(self) -> tuple[list[Any], list[Any]]:
        """The services behind a load balancer, and those of workers."""
        ecs = self.client("ecs")
        (cluster,) = ecs.list_clusters()["clusterArns"]
        arns = ecs.list_services(cluster=cluster)["serviceArns"]
        found = ecs.describe_services(cluster=cluster, services=arns)["services"]
        return (
            [service for service in found if service["loadBalancers"]],
            [service for service in found if not service["loadBalancers"]],
        )

    def service(self) -> Any:
        (service,), _ = self.services()
        return service

    def task(self, service: Any = None) -> Any:
        name = (service or self.service())["taskDefinition"]
        return self.client("ecs").describe_task_definition(taskDefinition=name)["taskDefinition"]

    def docker_calls(self, command: str) -> list[str]:
        lines = self.log.read_text().splitlines()
        return [line for line in lines if line.startswith(f"{command} ")]

    def everything(self) -> str:
        """All that there is of what the stacks make, to compare."""
        formation = self.client("cloudformation")
        stacks = formation.describe_stacks()["Stacks"]
        resources = [
            formation.describe_stack_resources(StackName=stack["StackName"])["StackResources"]
            for stack in stacks
        ]
        return json.dumps([resources, self.service(), self.task()], default=str)


@contextmanager
def made(folder: Path) -> Iterator[Account]:
    environment = os.environ | {"AWS_EC2_METADATA_DISABLED": "true"}
    with subprocess.Popen(
        [sys.executable, "-m", "tests.deploy.aws"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        yield Account(folder, f"http://127.0.0.1:{server.stdout.readline().strip()}")
        server.stdin.close()


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    with made(tmp_path) as empty:
        yield empty


NETWORKS = "198.51.100.0/24,203.0.113.0/24"


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """An account with the service in it; whoever changes it gets what the one before left."""
    with made(tmp_path_factory.mktemp("deployed")) as account:
        (account.checkout / ".git/info/exclude").write_text("secret.txt\n")
        (account.checkout / "secret.txt").write_text("not committed")
        account.deploy(f"AllowedNetworks={NETWORKS}")
        yield account


@pytest.fixture(scope="module")
def working(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """An account with the service and its workers in it, which the last test of it destroys."""
    with made(tmp_path_factory.mktemp("working")) as account:
        topic = account.client("sns").create_topic(Name="alarms")["TopicArn"]
        account.deploy("MaximumWorkers=5", "WorkerCapacity=FARGATE_SPOT", f"AlarmTopic={topic}")
        yield account


def attributes(reply: Any) -> dict[str, str]:
    return {each["Key"]: each["Value"] for each in reply["Attributes"]}


def values(task: Any) -> tuple[dict[str, str], dict[str, str]]:
    """The environment of a task's container, and the secrets in it."""
    (container,) = task["containerDefinitions"]
    return (
        {each["name"]: each["value"] for each in container["environment"]},
        {each["name"]: each["valueFrom"] for each in container.get("secrets", ())},
    )


def only_line(done: subprocess.CompletedProcess[str]) -> str:
    """The one line that tells of a failure."""
    assert done.returncode != 0
    assert done.stdout == ""
    lines = [line for line in done.stderr.splitlines() if line.startswith("Failed: ")]
    assert len(lines) == 1, done.stderr
    assert done.stderr.splitlines()[-1] == lines[0]
    assert "Traceback" not in done.stderr
    return lines[0]


@pytest.mark.parametrize("template", ["repository.yaml", "service.yaml"])
def test_a_template_gives_no_warning(template: str) -> None:
    done = subprocess.run(
        [TOOLS / "cfn-lint", "--include-checks", "I", "--", ROOT / "deploy" / template],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")


def test_one_call_makes_the_whole_service(deployed: Account) -> None:
    commit = deployed.git("rev-parse", "HEAD")
    elb, scaling = deployed.client("elbv2"), deployed.client("application-autoscaling")

    (repository,) = deployed.client("ecr").describe_repositories()["repositories"]
    assert repository["imageTagMutability"] == "IMMUTABLE"
    assert repository["imageScanningConfiguration"] == {"scanOnPush": True}
    (build,) = deployed.docker_calls("build")
    image = f"{repository['repositoryUri']}:{commit}".replace("us-east-1", "eu-central-1")
    assert build == f"build --platform linux/amd64 --tag {image} -"

    task = deployed.task()
    assert (task["cpu"], task["memory"]) == ("2048", "4096")
    assert task["runtimePlatform"] == {
        "operatingSystemFamily": "LINUX",
        "cpuArchitecture": "X86_64",
    }
    (container,) = task["containerDefinitions"]
    assert container["image"] == image
    assert container["user"] == "10001:10001"
    assert container["readonlyRootFilesystem"] is True
    assert container["linuxParameters"]["capabilities"] == {"drop": ["ALL"]}
    assert container["stopTimeout"] == 120
    assert "secrets" not in container

    service = deployed.service()
    (group,) = elb.describe_target_groups()["TargetGroups"]
    assert (group["TargetType"], group["Port"], group["HealthCheckPath"]) == ("ip", 8080, "/health")
    (attached,) = service["loadBalancers"]
    assert attached == {
        "targetGroupArn": group["TargetGroupArn"],
        "containerName": "service",
        "containerPort": 8080,
    }
    found = attributes(elb.describe_target_group_attributes(TargetGroupArn=group["TargetGroupArn"]))
    assert found["load_balancing.algorithm.type"] == "least_outstanding_requests"

    (balancer,) = elb.describe_load_balancers()["LoadBalancers"]
    assert deployed.deploy() == f"http://{balancer['DNSName']}"
    (listener,) = elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
    assert (listener["Port"], listener["DefaultActions"][0]["Type"]) == (80, "forward")
    assert len({zone["ZoneName"] for zone in balancer["AvailabilityZones"]}) == 2

    (target,) = scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]
    assert (target["MinCapacity"], target["MaxCapacity"]) == (2, 10)
    policies = scaling.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"]
    assert {policy["PolicyName"] for policy in policies} == {"cpu", "analyses"}
    alarms = deployed.client("cloudwatch").describe_alarms()["MetricAlarms"]
    own = [each for each in alarms if not each["AlarmName"].startswith("TargetTracking-")]
    assert len(own) == 3
    filters = deployed.client("logs").describe_metric_filters()["metricFilters"]
    counted = {each["metricTransformations"][0]["metricName"] for each in filters}
    assert counted == {"Rejected", "Analyses"}

    _, workers = deployed.services()
    assert workers == []
    assert deployed.client("rds").describe_db_instances()["DBInstances"] == []
    assert deployed.client("s3").list_buckets()["Buckets"] == []
    assert deployed.client("secretsmanager").list_secrets()["SecretList"] == []


def test_only_the_load_balancer_is_open_and_only_to_the_allowed_networks(deployed: Account) -> None:
    groups = deployed.client("ec2").describe_security_groups()["SecurityGroups"]
    balancer, task = (
        next(group for group in groups if group["Description"].startswith(start))
        for start in ("The load balancer", "The tasks")
    )
    ranges = [
        (rule["FromPort"], network["CidrIp"])
        for rule in balancer["IpPermissions"]
        for network in rule["IpRanges"]
    ]
    assert sorted(ranges) == [(80, network) for network in NETWORKS.split(",")]
    (rule,) = task["IpPermissions"]
    assert rule["IpRanges"] == []
    assert [pair["GroupId"] for pair in rule["UserIdGroupPairs"]] == [balancer["GroupId"]]
    assert {rule["FromPort"] for rule in task["IpPermissionsEgress"]} == {443}


def test_the_second_call_changes_nothing(deployed: Account) -> None:
    before = deployed.everything()
    deployed.deploy()
    assert deployed.everything() == before
    assert len(deployed.docker_calls("build")) == 1


def test_a_parameter_changes_what_it_names_and_is_kept(deployed: Account) -> None:
    deployed.deploy("Cpu=4096", "Memory=8192")
    deployed.deploy("MaximumTasks=30")
    task = deployed.task()
    assert (task["cpu"], task["memory"]) == ("4096", "8192")
    environment, _ = values(task)
    assert (environment["ANALYSES"], environment["WAITING"]) == ("4", "8")
    scaling = deployed.client("application-autoscaling")
    (target,) = scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]
    assert target["MaxCapacity"] == 30
    assert len(deployed.docker_calls("build")) == 1


def test_a_new_commit_is_a_new_image(deployed: Account) -> None:
    commit = deployed.commit()
    deployed.deploy()
    assert deployed.task()["containerDefinitions"][0]["image"].endswith(f":{commit}")
    assert len(deployed.docker_calls("build")) == 2


def test_another_architecture_is_another_image_of_the_same_commit(deployed: Account) -> None:
    commit = deployed.commit()
    deployed.deploy("Architecture=ARM64")
    deployed.deploy("MaximumTasks=20")
    task = deployed.task()
    assert task["containerDefinitions"][0]["image"].endswith(f":{commit}-arm64")
    assert task["runtimePlatform"]["cpuArchitecture"] == "ARM64"
    deployed.deploy("Architecture=X86_64")
    assert deployed.task()["containerDefinitions"][0]["image"].endswith(f":{commit}")
    builds = [call.split()[2] for call in deployed.docker_calls("build")[-2:]]
    assert builds == ["linux/arm64", "linux/amd64"]
    refused = only_line(deployed.run("deploy.sh", "Architecture=arm64"))
    assert "X86_64 or ARM64" in refused


def test_only_what_is_committed_gets_into_the_image(deployed: Account) -> None:
    assert "Dockerfile" in deployed.log.read_text().splitlines()
    assert "secret.txt" not in deployed.log.read_text()


def test_background_analyses_can_be_added_with_a_database_of_ones_own(deployed: Account) -> None:
    secrets = deployed.client("secretsmanager")
    secret = secrets.create_secret(Name="queue", SecretString="postgresql://me:it@db/dance")["ARN"]
    deployed.deploy("MaximumWorkers=3", f"QueueSecret={secret}")
    (service,), (worker,) = deployed.services()
    for each in (service, worker):
        environment, hidden = values(deployed.task(each))
        assert hidden == {"QUEUE_URL": secret}
        assert "PGHOST" not in environment
    assert deployed.client("rds").describe_db_instances()["DBInstances"] == []
    groups = deployed.client("ec2").describe_security_groups()["SecurityGroups"]
    (task,) = [group for group in groups if group["Description"].startswith("The tasks")]
    assert {rule["FromPort"] for rule in task["IpPermissionsEgress"]} == {443, 5432}
    before = deployed.everything()
    deployed.deploy()
    assert deployed.everything() == before


def test_the_database_of_background_analyses_is_reached_by_tasks_alone(working: Account) -> None:
    (database,) = working.client("rds").describe_db_instances()["DBInstances"]
    assert database["StorageEncrypted"] is True
    assert database["PubliclyAccessible"] is False
    assert database["BackupRetentionPeriod"] == 7
    groups = working.client("ec2").describe_security_groups()["SecurityGroups"]
    inner, tasks = (
        next(group for group in groups if group["Description"].startswith(start))
        for start in ("The database", "The tasks")
    )
    assert database["VpcSecurityGroups"][0]["VpcSecurityGroupId"] == inner["GroupId"]
    (rule,) = inner["IpPermissions"]
    assert (rule["FromPort"], rule["ToPort"], rule["IpRanges"]) == (5432, 5432, [])
    assert [pair["GroupId"] for pair in rule["UserIdGroupPairs"]] == [tasks["GroupId"]]
    assert "0.0.0.0/0" not in str(inner)
    (out,) = [each for each in tasks["IpPermissionsEgress"] if each["FromPort"] == 5432]
    assert [pair["GroupId"] for pair in out["UserIdGroupPairs"]] == [inner["GroupId"]]


def test_the_bucket_of_background_analyses_is_closed_and_empties_itself(working: Account) -> None:
    s3 = working.client("s3")
    (bucket,) = [each["Name"] for each in s3.list_buckets()["Buckets"]]
    closed = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    assert list(closed.values()) == [True] * 4
    encryption = s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]
    assert "AES256" in str(encryption)
    (life,) = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
    assert life["Expiration"]["Days"] == 7
    assert life["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"] == 1
    (statement,) = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"]
    assert statement["Effect"] == "Deny"
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_tasks_and_workers_share_the_queue_and_the_bucket(working: Account) -> None:
    (database,) = working.client("rds").describe_db_instances()["DBInstances"]
    (bucket,) = working.client("s3").list_buckets()["Buckets"]
    (secret,) = working.client("secretsmanager").list_secrets()["SecretList"]
    iam = working.client("iam")
    (service,), (worker,) = working.services()
    for each, analyses in ((service, "0"), (worker, "2")):
        task = working.task(each)
        environment, hidden = values(task)
        assert environment["BACKGROUND_ANALYSES"] == analyses
        assert environment["QUEUE_URL"] == "postgresql:///dance"
        assert environment["PGHOST"] == database["Endpoint"]["Address"]
        assert environment["PGUSER"] == database["MasterUsername"]
        assert environment["STORE_URL"] == f"s3://{bucket['Name']}/analyses"
        assert hidden == {"PGPASSWORD": secret["ARN"]}
        names = iam.list_role_policies(RoleName=task["taskRoleArn"].rpartition("/")[2])
        assert any("bucket" in name.lower() for name in names["PolicyNames"])
    (container,) = working.task(worker)["containerDefinitions"]
    assert container["command"][-3:] == ["python", "-m", "service.consumer"]
    assert container["stopTimeout"] == 120
    role = working.task()["executionRoleArn"].rpartition("/")[2]
    policy = iam.get_role_policy(RoleName=role, PolicyName="start")["PolicyDocument"]
    assert secret["ARN"] in str(policy)


def test_workers_come_and_go_with_the_backlog(working: Account) -> None:
    scaling, ecs = working.client("application-autoscaling"), working.client("ecs")
    _, (worker,) = working.services()
    (cluster,) = ecs.describe_clusters(clusters=[worker["clusterArn"]])["clusters"]
    assert set(cluster["capacityProviders"]) == {"FARGATE", "FARGATE_SPOT"}
    targets = scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]
    bounds = {each["ResourceId"]: (each["MinCapacity"], each["MaxCapacity"]) for each in targets}
    assert bounds[f"service/{cluster['clusterName']}/{worker['serviceName']}"] == (0, 5)
    policies = scaling.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"]
    steps = {each["PolicyName"]: each["PolicyARN"] for each in policies}
    alarms = working.client("cloudwatch").describe_alarms()["MetricAlarms"]
    acting = [action for alarm in alarms for action in alarm["AlarmActions"]]
    assert acting.count(steps["backlog"]) == acting.count(steps["idle"]) == 1
    assert len([action for action in acting if ":sns:" in action]) == 5
    filters = working.client("logs").describe_metric_filters()["metricFilters"]
    counted = {each["metricTransformations"][0]["metricName"] for each in filters}
    assert {"BackgroundWaiting", "BackgroundRunning"} < counted


def test_destroying_leaves_a_snapshot_of_the_database_and_the_bucket(working: Account) -> None:
    assert working.run("destroy.sh").returncode == 0
    rds = working.client("rds")
    assert rds.describe_db_instances()["DBInstances"] == []
    assert len(rds.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]) == 1
    assert len(working.client("s3").list_buckets()["Buckets"]) == 1


def test_with_a_certificate_http_redirects_to_https(account: Account) -> None:
    certificate = account.client("acm").request_certificate(DomainName="poses.example.org")
    secret = account.client("secretsmanager").create_secret(Name="tokens", SecretString="a,b")
    zone = account.client("route53").create_hosted_zone(Name="example.org.", CallerReference="1")
    zone_id = zone["HostedZone"]["Id"].rpartition("/")[2]
    address = account.deploy(
        f"Certificate={certificate['CertificateArn']}",
        f"TokenSecret={secret['ARN']}",
        f"HostedZone={zone_id}",
        "Domain=poses.example.org",
    )
    assert address == "https://poses.example.org"
    elb = account.client("elbv2")
    (balancer,) = elb.describe_load_balancers()["LoadBalancers"]
    listeners = elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
    actions = {listener["Port"]: listener["DefaultActions"][0]["Type"] for listener in listeners}
    assert actions == {80: "redirect", 443: "forward"}
    (container,) = account.task()["containerDefinitions"]
    assert container["secrets"] == [{"name": "API_TOKENS", "valueFrom": secret["ARN"]}]
    records = account.client("route53").list_resource_record_sets(HostedZoneId=zone_id)
    aliases = [each for each in records["ResourceRecordSets"] if each["Type"] == "A"]
    assert [each["Name"].rstrip(".") for each in aliases] == ["poses.example.org"]


def test_what_is_optional_is_made_when_it_is_asked_for(account: Account) -> None:
    secret = account.client("secretsmanager").create_secret(Name="tokens", SecretString="a,b")
    key = account.client("kms").create_key()["KeyMetadata"]["Arn"]
    account.deploy(
        f"TokenSecret={secret['ARN']}",
        f"TokenKey={key}",
        "RequestsPerAddress=500",
        "AccessLogBucket=logs-of-poses",
    )
    elb = account.client("elbv2")
    (balancer,) = elb.describe_load_balancers()["LoadBalancers"]
    arn = balancer["LoadBalancerArn"]
    found = elb.describe_load_balancer_attributes(LoadBalancerArn=arn)["Attributes"]
    attributes = {each["Key"]: each["Value"] for each in found}
    assert attributes["access_logs.s3.enabled"] == "true"
    assert attributes["access_logs.s3.bucket"] == "logs-of-poses"
    firewall = account.client("wafv2").get_web_acl_for_resource(ResourceArn=arn)["WebACL"]
    (rule,) = firewall["Rules"]
    assert rule["Statement"]["RateBasedStatement"]["Limit"] == 500
    iam = account.client("iam")
    role = account.task()["executionRoleArn"].rpartition("/")[2]
    policy = iam.get_role_policy(RoleName=role, PolicyName="start")["PolicyDocument"]
    assert f"'Action': 'kms:Decrypt', 'Resource': '{key}'" in str(policy)
    assert account.run("destroy.sh").returncode == 0


def test_a_network_that_is_given_is_used_and_none_is_made(account: Account) -> None:
    ec2 = account.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(
            VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"eu-central-1{zone}"
        )["Subnet"]["SubnetId"]
        for number, zone in enumerate("ab")
    ]
    before = len(ec2.describe_vpcs()["Vpcs"])
    account.deploy(f"Network={vpc},{subnets[0]},{subnets[1]}")
    assert len(ec2.describe_vpcs()["Vpcs"]) == before
    network = account.service()["networkConfiguration"]["awsvpcConfiguration"]
    assert network["subnets"] == subnets


def test_destroying_leaves_the_images_unless_asked(account: Account) -> None:
    account.deploy()
    assert account.run("destroy.sh").returncode == 0
    formation = account.client("cloudformation")
    (stack,) = formation.describe_stacks()["Stacks"]
    assert stack["StackName"] == "dance-poses-images"
    ecs = account.client("ecs")
    clusters = ecs.describe_clusters(clusters=ecs.list_clusters()["clusterArns"])["clusters"]
    assert {cluster["status"] for cluster in clusters} == {"INACTIVE"}
    assert account.client("elbv2").describe_load_balancers()["LoadBalancers"] == []
    assert account.client("logs").describe_log_groups()["logGroups"] == []
    account.deploy()
    assert len(account.docker_calls("build")) == 1, "the image was still there"
    assert account.run("destroy.sh", "--images").returncode == 0
    assert formation.describe_stacks()["Stacks"] == []
    assert account.client("ecr").describe_repositories()["repositories"] == []


def test_a_failed_rollout_says_why_and_the_next_call_works(account: Account) -> None:
    failed = account.run("deploy.sh", DOCKER_LOSES_IMAGES="1")
    assert "rolled back: dance-poses: ECS Deployment Circuit Breaker was triggered" in only_line(
        failed
    )
    account.deploy()


def test_what_is_missing_is_named(account: Account) -> None:
    (account.bin / "docker").rename(account.bin / "other")
    no_docker = f"{TOOLS}:{account.bin}"
    for tool in ("bash", "git", "tail", "awk", "dirname"):
        (account.bin / tool).symlink_to(str(shutil.which(tool)))
    assert "docker is not installed" in only_line(account.run("deploy.sh", PATH=no_docker))
    assert "AWS CLI is not installed" in only_line(account.run("deploy.sh", PATH=str(account.bin)))
    (account.bin / "other").rename(account.bin / "docker")
    assert "docker does not answer" in only_line(account.run("deploy.sh", DOCKER_DOWN="1"))
    assert "No region" in only_line(account.run("deploy.sh", AWS_REGION=""))
    nobody = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}
    assert "aws configure" in only_line(account.run("deploy.sh", **nobody))
    assert "STACK" in only_line(account.run("deploy.sh", STACK="Wrong_Name"))
    assert "no PARAMETER=VALUE" in only_line(account.run("deploy.sh", "--help"))
    assert "Usage" in only_line(account.run("destroy.sh", "everything"))
    (account.checkout / "Dockerfile").write_text("FROM other\n")
    assert "not committed" in only_line(account.run("deploy.sh"))
