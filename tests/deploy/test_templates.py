"""The deployment fits the service: its times, its ports, its room, what it may do."""

import inspect
import json
import math
import re
import subprocess
from typing import Any

import pytest

from analyzer.child.protocol import longest_file
from service.background.tidying import Tidier
from service.intake.uploads import MAX_OVERHEAD
from service.problems import Kind
from service.runtime.settings import Settings
from testing.serving import ROOT
from tests.deploy.templates import chosen, conditions, made, template

SERVICE = template("service.yaml")
RESOURCES: dict[str, Any] = SERVICE["Resources"]
SIZES: dict[str, dict[str, str]] = SERVICE["Mappings"]["Tasks"]


def properties(name: str) -> dict[str, Any]:
    found: dict[str, Any] = RESOURCES[name]["Properties"]
    return found


WORKERS = {"MaximumWorkers": "5"}
OWN = {"QueueSecret": "arn:aws:secretsmanager:eu-central-1:1:secret:queue"}


def container(task: str = "Task", **parameters: str) -> dict[str, Any]:
    """The container of a task, as parameters have it."""
    (found,) = properties(task)["ContainerDefinitions"]
    fitting = chosen(found, conditions(SERVICE, parameters))
    assert isinstance(fitting, dict)
    return fitting


def pairs(items: list[dict[str, Any]], key: str = "Key") -> dict[str, Any]:
    return {item[key]: item["Value"] for item in items}


def settings(size: dict[str, str]) -> Settings:
    """The settings of a task of some size, as its environment makes them."""
    environment = pairs(container()["Environment"], "Name")
    environment |= {"ANALYSES": size["Analyses"], "WAITING": size["Waiting"]}
    assert all(isinstance(value, str) for value in environment.values())
    return Settings.from_environment(environment)


def longest_silence(chosen: Settings) -> float:
    """Seconds from the end of an upload to its annotated video, at the end of a full and slow line.

    Those before it are as long, and drawn too.
    """
    rounds = math.ceil(chosen.waiting / chosen.analyses)
    return (rounds + 1) * chosen.longest_analysis(chosen.max_video_frames, renders=True)


def idle_seconds() -> float:
    _, *either = properties("LoadBalancer")["LoadBalancerAttributes"]["Fn::If"]
    (seconds,) = {pairs(attributes)["idle_timeout.timeout_seconds"] for attributes in either}
    return float(seconds)


@pytest.mark.parametrize("cpu", SIZES)
def test_the_load_balancer_waits_for_the_longest_answer(cpu: str) -> None:
    assert idle_seconds() > longest_silence(settings(SIZES[cpu]))


@pytest.mark.parametrize("cpu", SIZES)
def test_a_connection_outlives_the_load_balancers_use_of_it(cpu: str) -> None:
    assert settings(SIZES[cpu]).keep_alive_seconds > idle_seconds()


@pytest.mark.parametrize("cpu", SIZES)
def test_a_task_is_told_to_stop_only_after_the_longest_request_it_has(cpu: str) -> None:
    attributes = pairs(properties("TargetGroup")["TargetGroupAttributes"])
    delay = float(attributes["deregistration_delay.timeout_seconds"])
    chosen = settings(SIZES[cpu])
    usual_upload = 60
    assert delay > usual_upload + longest_silence(chosen)


@pytest.mark.parametrize("cpu", SIZES)
def test_who_still_waits_when_a_task_is_told_to_stop_hears_so_before_it_is_killed(cpu: str) -> None:
    chosen = settings(SIZES[cpu])
    longest_of_fargate = 120
    assert container()["StopTimeout"] <= longest_of_fargate
    assert chosen.grace_seconds < container()["StopTimeout"]


@pytest.mark.parametrize("cpu", SIZES)
def test_one_video_is_analysed_on_each_processor_and_two_wait(cpu: str) -> None:
    chosen = settings(SIZES[cpu])
    assert chosen.analyses == int(cpu) / 1024
    assert chosen.waiting == 2 * chosen.analyses


@pytest.mark.parametrize("cpu", SIZES)
def test_all_uploads_of_a_task_find_room_on_its_disk(cpu: str) -> None:
    chosen = settings(SIZES[cpu])
    uploads = (chosen.analyses + chosen.waiting) * chosen.max_upload_bytes
    drawn = chosen.analyses * longest_file(chosen.max_video_frames, renders=True)
    assert uploads + drawn < 0.8 * 2**30 * int(SIZES[cpu]["Disk"])
    assert "FindInMap" in str(properties("Task")["EphemeralStorage"]["SizeInGiB"])


def test_the_guide_has_the_times_of_the_template() -> None:
    guide = (ROOT / "deploy" / "README.md").read_text()
    rows = dict(
        re.findall(r"^\| (.+?) \| ([\d, ]+?)(?: after the upload)? \|", guide, re.MULTILINE)
    )
    chosen = settings(SIZES["2048"])
    attributes = pairs(properties("TargetGroup")["TargetGroupAttributes"])
    assert rows["the longest plain answer"] == f"{longest_silence(chosen):g}"
    assert rows["the load balancer's idle time"] == f"{idle_seconds():g}"
    assert rows["`KEEP_ALIVE_SECONDS`"] == f"{chosen.keep_alive_seconds:g}"
    assert rows["deregistration delay"] == attributes["deregistration_delay.timeout_seconds"]
    times = f"{chosen.grace_seconds:g}, {container()['StopTimeout']}"
    assert rows["`GRACE_SECONDS`, stopTimeout"] == times


def test_haproxy_waits_as_long_and_takes_as_much() -> None:
    text = (ROOT / "deploy" / "haproxy.cfg").read_text()
    assert f"timeout server {idle_seconds():g}s" in text
    assert f"gt {Settings().max_upload_bytes + MAX_OVERHEAD} }}" in text


def test_the_default_memory_goes_with_the_default_processor() -> None:
    parameters = SERVICE["Parameters"]
    assert set(SIZES) == set(parameters["Cpu"]["AllowedValues"])
    assert parameters["Memory"]["Default"] == 2 * int(parameters["Cpu"]["Default"])


def test_what_is_said_of_prices_follows_from_the_table() -> None:
    guide = (ROOT / "deploy" / "README.md").read_text()
    prices = [
        float(price) for price in re.findall(r"^\| .*-hour.* \| ([\d.]+) \|$", guide, re.MULTILINE)
    ]
    intel_core, intel_memory, arm_core, arm_memory = prices[:4]
    intel, arm = (2 * intel_core + 4 * intel_memory) * 730, (2 * arm_core + 4 * arm_memory) * 730
    assert f"4 GB is {intel:.2f} a month" in guide
    assert f"such a task is {arm:.2f} a month, a fifth less" in guide
    assert arm / intel == pytest.approx(0.8, abs=0.005)


def test_what_is_said_of_the_price_of_background_analyses_follows_from_the_table() -> None:
    guide = (ROOT / "deploy" / "README.md").read_text()
    price = {
        name: float(number)
        for name, number in re.findall(r"^\| (.+) \| ([\d.]+) \|$", guide, re.MULTILINE)
    }
    database = properties("Database")
    instance = price[f"PostgreSQL on a {database['DBInstanceClass']}, an hour"] * 730
    disk = price["its disk (gp3), a GB a month"] * int(database["AllocatedStorage"])
    secret = price["a secret, a month"]
    complete = made(SERVICE, WORKERS)
    added = [complete[name] for name in set(complete) - set(made(SERVICE, {}))]
    metrics = sum(each["Type"] == "AWS::Logs::MetricFilter" for each in added)
    watched = sum(
        sum("MetricStat" in metric for metric in each["Properties"].get("Metrics", ())) or 1
        for each in added
        if each["Type"] == "AWS::CloudWatch::Alarm"
    )
    assert (metrics, watched) == (4, 6)
    counted = price["a metric of one's own, a month"] * metrics
    alarms = price["a metric that an alarm looks at, a month"] * watched
    assert f"the database {instance:.2f}, its 20 GB {disk:.2f}, its password {secret:.2f}" in guide
    assert f"four metrics {counted:.2f} and six that alarms look at {alarms:.2f}" in guide
    assert f"add {instance + disk + secret + counted + alarms:.2f} a month" in guide
    cores, memory = price["Fargate Linux x86, a vCPU-hour"], price["Fargate, a GB-hour of memory"]
    worker = 2 * cores + 4 * memory + price["public IPv4 address, an hour"]
    assert f"A worker is {worker:.3f} an hour" in guide


def test_health_is_asked_where_it_is_answered() -> None:
    group = properties("TargetGroup")
    (mapping,) = container()["PortMappings"]
    (target,) = properties("Service")["LoadBalancers"]
    port = settings(SIZES["1024"]).port
    assert group["HealthCheckPath"] == "/health"
    assert group["Port"] == mapping["ContainerPort"] == target["ContainerPort"] == port
    assert f"127.0.0.1:{port}/health" in container()["HealthCheck"]["Command"][-1]
    assert properties("TasksFromLoadBalancer")["ToPort"] == port
    assert f"EXPOSE {port}" in (ROOT / "Dockerfile").read_text()
    assert group["HealthCheckTimeoutSeconds"] < group["HealthCheckIntervalSeconds"]


@pytest.mark.parametrize("name", ["Task", "WorkerTask"])
def test_a_task_has_no_rights_that_it_does_not_need(name: str) -> None:
    task = container(name)
    user = task["User"].partition(":")[0]
    assert int(user) > 0
    assert f"USER {user}" in (ROOT / "Dockerfile").read_text()
    assert task["ReadonlyRootFilesystem"] is True
    assert task["LinuxParameters"]["Capabilities"] == {"Drop": ["ALL"]}
    (mount,) = task["MountPoints"]
    assert f'VOLUME ["{mount["ContainerPath"]}"]' in (ROOT / "Dockerfile").read_text(), (
        "without it, the volume belongs to root"
    )
    assert settings(SIZES["1024"]).upload_directory.as_posix() == mount["ContainerPath"]


def test_roles_allow_single_actions_on_single_things() -> None:
    for role in ("ExecutionRole", "TaskRole"):
        assert "ManagedPolicyArns" not in properties(role)
        text = json.dumps(properties(role)["Policies"])
        statements = re.findall(r'\{"Effect": "Allow".*?\}(?=[,\]])', text)
        assert statements
        for statement in statements:
            assert '"Action": "*"' not in statement
            assert ":*" not in "".join(re.findall(r'"Action": (?:"[^"]*"|\[[^\]]*\])', statement))
            assert '"Resource": "*"' not in statement or "ecr:GetAuthorizationToken" in statement


def test_a_deployment_loses_nothing_and_turns_back_when_it_fails() -> None:
    service = properties("Service")
    configuration = service["DeploymentConfiguration"]
    assert configuration["DeploymentCircuitBreaker"] == {"Enable": True, "Rollback": True}
    assert configuration["MinimumHealthyPercent"] == 100
    assert configuration["MaximumPercent"] > 100
    assert service["HealthCheckGracePeriodSeconds"] >= 60
    assert "DesiredCount" not in service, "a deployment would undo the scaling"


def test_the_rejected_are_counted_as_they_are_logged() -> None:
    pattern = properties("RejectedRequests")["FilterPattern"]
    wanted = dict(re.findall(r'\$\.(\w+) = "?([\w/]+)"?', pattern))
    assert wanted == {"event": "request", "path": "/analyze", "status": "503"}


def test_only_analyses_that_were_done_start_tasks() -> None:
    for parameters, of_tasks in (({}, False), (WORKERS, True)):
        pattern = made(SERVICE, parameters)["DoneAnalyses"]["Properties"]["FilterPattern"]
        wanted = dict(re.findall(r'\$\.(\w+) = "?([\w/]+)"?', pattern))
        assert wanted == {"event": "analysis", "outcome": "result"}
        assert ("($.background IS FALSE)" in pattern) is of_tasks
    (done,) = properties("DoneAnalyses")["MetricTransformations"]
    policies = [
        name
        for name, resource in RESOURCES.items()
        if resource["Type"].endswith(":ScalingPolicy")
        and resource["Properties"]["ScalingTargetId"] == {"Ref": "ScalableTarget"}
    ]
    assert policies == ["ScaleOnCpu", "ScaleOnAnalyses"]
    how = properties("ScaleOnAnalyses")["TargetTrackingScalingPolicyConfiguration"]
    metrics = {each["Id"]: each for each in how["CustomizedMetricSpecification"]["Metrics"]}
    counted = metrics["analyses"]["MetricStat"]["Metric"]
    assert counted["MetricName"] == done["MetricName"]
    assert counted["Namespace"] == done["MetricNamespace"]


@pytest.mark.parametrize("others", [{}, {"TokenSecret": "arn:aws:secretsmanager:x"}])
def test_without_workers_nothing_is_made_for_background_analyses(others: dict[str, str]) -> None:
    without, complete = made(SERVICE, others), made(SERVICE, others | WORKERS)
    text = json.dumps(without).lower()
    for word in ("worker", "database", "bucket", "queue_url", "store_url", "background", "spot"):
        found = re.findall(rf"[\w.]*{word}[\w.]*", text)
        assert set(found) <= {"access_logs.s3.bucket"}
    optional = set(complete) - set(without)
    assert optional
    for name in optional:
        assert f'"{name}"' not in json.dumps(without)
        condition = RESOURCES[name]["Condition"]
        assert condition in ("HasBackground", "NewDatabase")
    assert set(made(SERVICE, others | WORKERS | OWN)) >= optional - {
        name for name in optional if RESOURCES[name]["Condition"] == "NewDatabase"
    }


@pytest.mark.parametrize("own", [{}, OWN])
@pytest.mark.parametrize("task", ["Task", "WorkerTask"])
def test_tasks_and_workers_share_a_queue_whose_password_stands_nowhere(
    task: str, own: dict[str, str]
) -> None:
    found = container(task, **WORKERS, **own)
    environment = pairs(found["Environment"], "Name")
    secrets = {each["Name"]: each["ValueFrom"] for each in found["Secrets"]}
    assert environment["PGSSLMODE"] == "require"
    assert environment["STORE_URL"] == {"Fn::Sub": "s3://${Bucket}/analyses"}
    if own:
        assert secrets == {"QUEUE_URL": {"Ref": "QueueSecret"}}
        assert "QUEUE_URL" not in environment
    else:
        assert secrets == {"PGPASSWORD": {"Ref": "DatabasePassword"}}
        database = properties("Database")
        assert environment["QUEUE_URL"] == f"postgresql:///{database['DBName']}"
        assert environment["PGUSER"] == database["MasterUsername"]
        password = {"Fn::Sub": "{{resolve:secretsmanager:${DatabasePassword}}}"}
        assert database["MasterUserPassword"] == password


def test_the_database_is_closed_encrypted_and_leaves_a_snapshot() -> None:
    database = properties("Database")
    assert database["PubliclyAccessible"] is False
    assert database["StorageEncrypted"] is True
    assert database["BackupRetentionPeriod"] > 0
    assert RESOURCES["Database"]["DeletionPolicy"] == "Snapshot"
    assert properties("DatabaseFromTasks")["SourceSecurityGroupId"] == {
        "Fn::GetAtt": ["TaskGroup", "GroupId"]
    }
    assert "CidrIp" not in properties("DatabaseFromTasks")


def test_files_are_deleted_by_the_service_before_the_bucket_does() -> None:
    (rule,) = properties("Bucket")["LifecycleConfiguration"]["Rules"]
    assert rule["ExpirationInDays"] * 86400 >= 2 * Settings().kept_seconds
    assert RESOURCES["Bucket"]["DeletionPolicy"] == "Retain", "one with files can't be deleted"


@pytest.mark.parametrize("cpu", SIZES)
def test_workers_take_an_analysis_a_processor_and_the_tasks_before_them_none(cpu: str) -> None:
    worker = container("WorkerTask", **WORKERS)
    taken = pairs(worker["Environment"], "Name")
    places = {"Fn::FindInMap": ["Tasks", {"Ref": "Cpu"}, "Analyses"]}
    assert taken["ANALYSES"] == taken["BACKGROUND_ANALYSES"] == places
    task = container(**WORKERS)
    assert pairs(task["Environment"], "Name")["BACKGROUND_ANALYSES"] == "0"
    assert int(SIZES[cpu]["Backlog"]) == 4 * int(SIZES[cpu]["Analyses"])


def test_a_worker_that_is_told_to_stop_puts_back_what_it_has_before_it_is_killed() -> None:
    worker = container("WorkerTask")
    assert worker["StopTimeout"] == 120
    assert "GRACE_SECONDS" not in pairs(worker["Environment"], "Name")
    assert Settings().grace_seconds < worker["StopTimeout"]
    assert worker["Command"][-3:] == ["python", "-m", "service.consumer"]
    assert worker["Command"][:3] == ["env", "-u", "ECS_AGENT_URI"]
    assert "ecs_agent_uri" in vars(Settings())


def test_spot_is_never_taken_from_a_cluster_that_workers_have_it_of() -> None:
    def provided(**parameters: str) -> list[str]:
        cluster = made(SERVICE, parameters)["Cluster"]["Properties"]
        providers: list[str] = cluster["CapacityProviders"]
        return providers

    both = ["FARGATE", "FARGATE_SPOT"]
    assert provided() == ["FARGATE"]
    assert provided(**WORKERS) == provided(**WORKERS, WorkerCapacity="FARGATE_SPOT") == both
    assert provided(MaximumWorkers="0", WorkerCapacity="FARGATE_SPOT") == both
    (strategy,) = properties("WorkerService")["CapacityProviderStrategy"]
    assert strategy["CapacityProvider"] == {"Ref": "WorkerCapacity"}
    assert "LaunchType" not in properties("WorkerService")


def test_workers_may_use_the_bucket_and_nothing_else() -> None:
    assert "Policies" not in properties("WorkerRole")
    use = properties("UseBucket")
    assert use["Roles"] == [{"Ref": "TaskRole"}, {"Ref": "WorkerRole"}]
    files, listed = use["PolicyDocument"]["Statement"]
    assert files["Resource"] == {"Fn::Sub": "${Bucket.Arn}/analyses/*"}
    assert not any("*" in action for action in files["Action"])
    assert listed["Action"] == "s3:ListBucket"
    assert listed["Resource"] == {"Fn::GetAtt": ["Bucket", "Arn"]}


def test_there_are_as_many_workers_as_the_backlog_needs() -> None:
    policy = properties("ScaleWorkers")["StepScalingPolicyConfiguration"]
    needed, idle = properties("WorkersNeeded"), properties("WorkersIdle")
    assert policy["AdjustmentType"] == "ExactCapacity"
    most = 64
    assert re.fullmatch(SERVICE["Parameters"]["MaximumWorkers"]["AllowedPattern"], str(most))
    assert not re.fullmatch(
        SERVICE["Parameters"]["MaximumWorkers"]["AllowedPattern"], str(most + 1)
    )
    for workers in range(1, 200):
        over = workers - needed["Threshold"]
        (step,) = [
            each["ScalingAdjustment"]
            for each in policy["StepAdjustments"]
            if each["MetricIntervalLowerBound"]
            <= over
            < each.get("MetricIntervalUpperBound", math.inf)
        ]
        assert min(workers, most) <= step <= 1.5 * workers
    (none,) = properties("StopWorkers")["StepScalingPolicyConfiguration"]["StepAdjustments"]
    assert none == {"MetricIntervalUpperBound": 0, "ScalingAdjustment": 0}
    assert needed["Metrics"] == idle["Metrics"]
    assert needed["Threshold"] == idle["Threshold"] == 1
    comparisons = needed["ComparisonOperator"], idle["ComparisonOperator"]
    assert comparisons == ("GreaterThanOrEqualToThreshold", "LessThanThreshold")
    # Where nobody tells of a backlog, all stays as it is.
    assert needed["TreatMissingData"] == idle["TreatMissingData"] == "missing"
    assert properties("OldestAlarm")["TreatMissingData"] == "breaching"
    assert properties("WorkerTarget")["MinCapacity"] == 0


def test_the_backlog_is_measured_as_it_is_logged() -> None:
    source = inspect.getsource(Tidier)
    told = re.findall(r'logs\.write\(\s*"(\w+)",(.*?)\n            \)', source, re.DOTALL)
    event, fields = next(each for each in told if each[0] == "backlog")
    measured = {}
    for name in ("WaitingAnalyses", "RunningAnalyses", "OldestAnalysis"):
        measure = properties(name)
        assert measure["FilterPattern"] == f'{{ $.event = "{event}" }}'
        (value,) = measure["MetricTransformations"]
        # Else there would be no backlog where nobody tells of one.
        assert "DefaultValue" not in value
        measured[value["MetricName"]] = value["MetricValue"].removeprefix("$.")
    assert set(measured.values()) == set(re.findall(r"^ +(\w+)=", fields, re.MULTILINE))
    metrics = {
        each["Id"]: each["MetricStat"]["Metric"]["MetricName"]
        for each in properties("WorkersNeeded")["Metrics"]
        if "MetricStat" in each
    }
    assert {name: measured[metric] for name, metric in metrics.items()} == {
        "waiting": "waiting",
        "running": "running",
    }
    assert measured[properties("OldestAlarm")["MetricName"]] == "oldest_seconds"


def test_analyses_that_fail_by_our_own_fault_are_counted() -> None:
    pattern = properties("FailedAnalyses")["FilterPattern"]
    assert '$.event = "analysis"' in pattern
    assert "$.background IS TRUE" in pattern
    passing = {Kind.BUSY, Kind.STARTING, Kind.STOPPING, Kind.BACKGROUND_DOWN}
    ours = {kind.slug for kind in Kind if kind.status >= 500 and kind not in passing}
    assert set(re.findall(r'\$\.outcome = "([\w-]+)"', pattern)) == ours | {"mistake"}


def test_the_guide_names_every_parameter() -> None:
    guide = (ROOT / "deploy" / "README.md").read_text()
    section = guide.partition("## Parameters")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
    assert rows == [name for name in SERVICE["Parameters"] if name != "Image"]


@pytest.mark.parametrize("script", ["deploy.sh", "destroy.sh"])
def test_scripts_are_sound_shell(script: str) -> None:
    path = ROOT / "deploy" / script
    done = subprocess.run(["bash", "-n", path], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert path.stat().st_mode & 0o111
