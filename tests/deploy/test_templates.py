"""The deployment fits the service: its times, its ports, its room, what it may do."""

import json
import math
import re
import subprocess
from typing import Any

import pytest

from analyzer.child.protocol import longest_file
from service.intake.uploads import MAX_OVERHEAD
from service.runtime.settings import Settings
from testing.serving import ROOT
from tests.deploy.templates import template

SERVICE = template("service.yaml")
RESOURCES: dict[str, Any] = SERVICE["Resources"]
SIZES: dict[str, dict[str, str]] = SERVICE["Mappings"]["Tasks"]


def properties(name: str) -> dict[str, Any]:
    found: dict[str, Any] = RESOURCES[name]["Properties"]
    return found


def container() -> dict[str, Any]:
    (found,) = properties("Task")["ContainerDefinitions"]
    assert isinstance(found, dict)
    return found


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


def test_a_task_has_no_rights_that_it_does_not_need() -> None:
    task = container()
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
    pattern = properties("DoneAnalyses")["FilterPattern"]
    wanted = dict(re.findall(r'\$\.(\w+) = "?([\w/]+)"?', pattern))
    assert wanted == {"event": "analysis", "outcome": "result"}
    (done,) = properties("DoneAnalyses")["MetricTransformations"]
    policies = [name for name in RESOURCES if RESOURCES[name]["Type"].endswith(":ScalingPolicy")]
    assert policies == ["ScaleOnCpu", "ScaleOnAnalyses"]
    how = properties("ScaleOnAnalyses")["TargetTrackingScalingPolicyConfiguration"]
    metrics = {each["Id"]: each for each in how["CustomizedMetricSpecification"]["Metrics"]}
    counted = metrics["analyses"]["MetricStat"]["Metric"]
    assert counted["MetricName"] == done["MetricName"]
    assert counted["Namespace"] == done["MetricNamespace"]


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
