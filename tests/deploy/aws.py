"""A stand-in for AWS on loopback: moto's server, with what its CloudFormation leaves out.

    python -m tests.deploy.aws

It prints its port and serves until its standard input closes. moto's own CloudFormation makes
services, load balancers and the like without most of their properties, and no alarms or scaling.
Here they are made with the services' own interfaces, which refuse a property or a value that they
don't know. A service starts only if its image was pushed, and a stack that fails is rolled back in
name: it tells its reason as CloudFormation does.
"""

import functools
import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from moto.cloudformation import parsing
from moto.cloudformation.models import CloudFormationBackend, Stack
from moto.cloudformation.parsing import ResourceMap, get_references_from_template
from moto.cloudformation.responses import CloudFormationResponse
from moto.core.common_models import CloudFormationModel
from moto.moto_server.threaded_moto_server import ThreadedMotoServer

Properties = dict[str, Any]
SERVER = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)


def client(service: str, region: str) -> Any:
    _, port = SERVER.get_host_and_port()
    return boto3.client(
        service,
        region_name=region,
        endpoint_url=f"http://127.0.0.1:{port}",
        aws_access_key_id="nobody",
        aws_secret_access_key="nothing",
    )


def argument(value: Any, shape: Any) -> Any:
    """A value of a template as the interface takes it: its spelling of names, its types.

    Raises:
        ValueError: the interface has no such property, or no such value of it.
    """
    match shape.type_name:
        case "structure":
            spelling = {name.casefold(): name for name in shape.members}
            if unknown := [name for name in value if name.casefold() not in spelling]:
                raise ValueError(f"{shape.name} has no {', '.join(unknown)}")
            names = {name: spelling[name.casefold()] for name in value}
            return {
                names[name]: argument(value[name], shape.members[names[name]]) for name in value
            }
        case "list":
            return [argument(item, shape.member) for item in value]
        case "map":
            return {name: argument(item, shape.value) for name, item in value.items()}
        case "boolean":
            return value in (True, "true")
        case "string":
            if shape.enum and str(value) not in shape.enum:
                raise ValueError(f"{value} is no {shape.name}")
            return str(value)
    return float(value) if shape.type_name in ("float", "double") else int(value)


def call(service: Any, operation: str, properties: Properties) -> Any:
    """Call an operation with properties of a template."""
    name = service.meta.method_to_api_mapping[operation]
    shape = service.meta.service_model.operation_model(name).input_shape
    return getattr(service, operation)(**argument(properties, shape))


@dataclass(frozen=True)
class Kind:
    """How a type of resource is made, changed and deleted through its service's interface."""

    type: str
    service: str
    create: str
    identify: Callable[[Any, Properties], tuple[str, Properties]]
    """The physical id and the attributes of what was made."""
    delete: Callable[[Any, str, Properties], Any]
    name: str = ""
    """The property that takes the generated name."""
    update: Callable[[Any, str, Properties], Any] | None = None
    """Changes it in place; without, it is made anew."""
    arguments: Callable[[Properties], Properties] = dict
    """What the operation takes of the properties."""
    after: Callable[[Any, str, Properties], Any] | None = None
    """Sets further properties of it."""


def without(*names: str) -> Callable[[Properties], Properties]:
    return lambda properties: {
        name: value for name, value in properties.items() if name not in names
    }


def target(properties: Properties) -> Properties:
    keys = ("ServiceNamespace", "ScalableDimension", "ResourceId")
    return dict(zip(keys, properties["ScalingTargetId"].split("|"), strict=True))


def policy_arguments(properties: Properties) -> Properties:
    return target(properties) | without("ScalingTargetId")(properties)


def rule_arguments(properties: Properties) -> Properties:
    properties = {
        {"DestinationSecurityGroupId": "SourceSecurityGroupId"}.get(name, name): value
        for name, value in properties.items()
    }
    rule = without("GroupId", "CidrIp", "SourceSecurityGroupId", "Description")(properties)
    about = {"Description": properties["Description"]}
    if "CidrIp" in properties:
        rule["IpRanges"] = [{"CidrIp": properties["CidrIp"], **about}]
    else:
        source = properties["SourceSecurityGroupId"]
        rule["UserIdGroupPairs"] = [{"GroupId": source, **about}]
    return {"GroupId": properties["GroupId"], "IpPermissions": [rule]}


def set_egress(ec2: Any, group: str, properties: Properties) -> None:
    """Replace the rule that lets everything out, as CloudFormation does for others."""
    everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    ec2.revoke_security_group_egress(GroupId=group, IpPermissions=everything)
    for rule in properties["SecurityGroupEgress"]:
        call(ec2, "authorize_security_group_egress", rule_arguments({"GroupId": group, **rule}))


def update_service(ecs: Any, arn: str, properties: Properties) -> None:
    fixed = ("LaunchType", "Tags", "EnableECSManagedTags", "PropagateTags")
    call(ecs, "update_service", {"Service": arn, **without("ServiceName", *fixed)(properties)})


def make_password(secrets: Any, arn: str, properties: Properties) -> None:
    chosen = secrets.get_random_password(**properties["GenerateSecretString"])
    secrets.put_secret_value(SecretId=arn, SecretString=chosen["RandomPassword"])


def database_arguments(properties: Properties) -> Properties:
    """What makes a database; its password is the text of the secret that the template names.

    Raises:
        ValueError: the password is no reference to a secret.
    """
    start, _, secret = properties["MasterUserPassword"].partition(":secretsmanager:")
    if start != "{{resolve" or not secret.endswith("}}"):
        raise ValueError("The password stands in the template.")
    named = secret.removesuffix("}}")
    region = named.split(":")[3]
    password = client("secretsmanager", region).get_secret_value(SecretId=named)["SecretString"]
    return {
        **without("VPCSecurityGroups")(properties),
        "VpcSecurityGroupIds": properties["VPCSecurityGroups"],
        "MasterUserPassword": password,
    }


def bucket_name(properties: Properties) -> str:
    return str(properties["BucketName"]).lower()


def set_bucket(s3: Any, bucket: str, properties: Properties) -> None:
    """Set what is a property of a bucket in a template, and a call of its own elsewhere."""
    encryption = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    encrypted = [
        {"ApplyServerSideEncryptionByDefault": rule["ServerSideEncryptionByDefault"]}
        for rule in encryption
    ]
    rules = [
        {
            **without("ExpirationInDays")(rule),
            "Expiration": {"Days": rule["ExpirationInDays"]},
            "Filter": {},
        }
        for rule in properties["LifecycleConfiguration"]["Rules"]
    ]
    closed, owned = "PublicAccessBlockConfiguration", "OwnershipControls"
    for operation, name, value in (
        ("put_bucket_encryption", "ServerSideEncryptionConfiguration", {"Rules": encrypted}),
        ("put_public_access_block", closed, properties[closed]),
        ("put_bucket_ownership_controls", owned, properties[owned]),
        ("put_bucket_lifecycle_configuration", "LifecycleConfiguration", {"Rules": rules}),
    ):
        call(s3, operation, {"Bucket": bucket, name: value})


def balancer_attributes(reply: Any, _properties: Properties) -> tuple[str, Properties]:
    (balancer,) = reply["LoadBalancers"]
    arn = balancer["LoadBalancerArn"]
    return arn, {
        "LoadBalancerArn": arn,
        "DNSName": balancer["DNSName"],
        "CanonicalHostedZoneID": balancer["CanonicalHostedZoneId"],
        "LoadBalancerFullName": arn.partition(":loadbalancer/")[2],
    }


def group_attributes(reply: Any, _properties: Properties) -> tuple[str, Properties]:
    (group,) = reply["TargetGroups"]
    arn = group["TargetGroupArn"]
    return arn, {"TargetGroupArn": arn, "TargetGroupFullName": arn.rpartition(":")[2]}


KINDS = (
    Kind(
        "AWS::ECR::Repository",
        "ecr",
        "create_repository",
        lambda reply, _: (reply["repository"]["repositoryName"], {}),
        lambda ecr, name, given: ecr.delete_repository(
            repositoryName=name, force=given["EmptyOnDelete"]
        ),
        name="RepositoryName",
        arguments=without("EmptyOnDelete", "LifecyclePolicy"),
        after=lambda ecr, name, given: ecr.put_lifecycle_policy(
            repositoryName=name,
            lifecyclePolicyText=given["LifecyclePolicy"]["LifecyclePolicyText"],
        ),
    ),
    Kind(
        "AWS::EC2::SecurityGroup",
        "ec2",
        "create_security_group",
        lambda reply, _: (reply["GroupId"], {"GroupId": reply["GroupId"]}),
        lambda ec2, group, _: ec2.delete_security_group(GroupId=group),
        name="GroupName",
        arguments=lambda given: {
            "Description": given["GroupDescription"],
            **without("SecurityGroupEgress", "GroupDescription")(given),
        },
        after=set_egress,
    ),
    Kind(
        "AWS::EC2::SecurityGroupIngress",
        "ec2",
        "authorize_security_group_ingress",
        lambda reply, _: (reply["SecurityGroupRules"][0]["SecurityGroupRuleId"], {}),
        lambda ec2, _, given: call(ec2, "revoke_security_group_ingress", rule_arguments(given)),
        arguments=rule_arguments,
    ),
    Kind(
        "AWS::EC2::SecurityGroupEgress",
        "ec2",
        "authorize_security_group_egress",
        lambda reply, _: (reply["SecurityGroupRules"][0]["SecurityGroupRuleId"], {}),
        lambda ec2, _, given: call(ec2, "revoke_security_group_egress", rule_arguments(given)),
        arguments=rule_arguments,
    ),
    Kind(
        "AWS::SecretsManager::Secret",
        "secretsmanager",
        "create_secret",
        lambda reply, _: (reply["ARN"], {}),
        lambda secrets, arn, _: secrets.delete_secret(
            SecretId=arn, ForceDeleteWithoutRecovery=True
        ),
        name="Name",
        arguments=without("GenerateSecretString"),
        after=make_password,
    ),
    Kind(
        "AWS::RDS::DBSubnetGroup",
        "rds",
        "create_db_subnet_group",
        lambda reply, _: (reply["DBSubnetGroup"]["DBSubnetGroupName"], {}),
        lambda rds, name, _: rds.delete_db_subnet_group(DBSubnetGroupName=name),
        name="DBSubnetGroupName",
    ),
    Kind(
        "AWS::RDS::DBInstance",
        "rds",
        "create_db_instance",
        lambda reply, _: (
            reply["DBInstance"]["DBInstanceIdentifier"],
            {"Endpoint.Address": reply["DBInstance"]["Endpoint"]["Address"]},
        ),
        # Its policy is to leave a snapshot.
        lambda rds, name, _: rds.delete_db_instance(
            DBInstanceIdentifier=name, FinalDBSnapshotIdentifier=f"{name}-snapshot"
        ),
        name="DBInstanceIdentifier",
        arguments=database_arguments,
    ),
    Kind(
        "AWS::S3::Bucket",
        "s3",
        "create_bucket",
        lambda _, given: (bucket_name(given), {"Arn": f"arn:aws:s3:::{bucket_name(given)}"}),
        lambda s3, name, _: s3.delete_bucket(Bucket=name),
        name="BucketName",
        arguments=lambda given: {
            "Bucket": bucket_name(given),
            "CreateBucketConfiguration": {"LocationConstraint": "eu-central-1"},
        },
        after=set_bucket,
    ),
    Kind(
        "AWS::S3::BucketPolicy",
        "s3",
        "put_bucket_policy",
        lambda _, given: (given["Bucket"], {}),
        lambda s3, name, _: s3.delete_bucket_policy(Bucket=name),
        arguments=lambda given: {
            "Bucket": given["Bucket"],
            "Policy": json.dumps(given["PolicyDocument"]),
        },
    ),
    Kind(
        "AWS::EC2::RouteTable",
        "ec2",
        "create_route_table",
        lambda reply, _: (reply["RouteTable"]["RouteTableId"], {}),
        lambda ec2, name, _: ec2.delete_route_table(RouteTableId=name),
    ),
    Kind(
        "AWS::EC2::SubnetRouteTableAssociation",
        "ec2",
        "associate_route_table",
        lambda reply, _: (reply["AssociationId"], {}),
        lambda ec2, name, _: ec2.disassociate_route_table(AssociationId=name),
    ),
    Kind(
        "AWS::EC2::VPCGatewayAttachment",
        "ec2",
        "attach_internet_gateway",
        lambda _, given: (given["InternetGatewayId"], {}),
        lambda ec2, _, given: call(ec2, "detach_internet_gateway", given),
    ),
    Kind(
        "AWS::ECS::Cluster",
        "ecs",
        "create_cluster",
        lambda reply, _: (reply["cluster"]["clusterName"], {"Arn": reply["cluster"]["clusterArn"]}),
        lambda ecs, name, _: ecs.delete_cluster(cluster=name),
        name="ClusterName",
        update=lambda ecs, name, given: ecs.put_cluster_capacity_providers(
            cluster=name,
            capacityProviders=given["CapacityProviders"],
            defaultCapacityProviderStrategy=[],
        ),
    ),
    Kind(
        "AWS::ECS::TaskDefinition",
        "ecs",
        "register_task_definition",
        lambda reply, _: (reply["taskDefinition"]["taskDefinitionArn"], {}),
        lambda ecs, arn, _: ecs.deregister_task_definition(taskDefinition=arn),
    ),
    Kind(
        "AWS::ECS::Service",
        "ecs",
        "create_service",
        lambda reply, _: (
            reply["service"]["serviceArn"],
            {"Name": reply["service"]["serviceName"]},
        ),
        lambda ecs, arn, given: ecs.delete_service(
            cluster=given["Cluster"], service=arn, force=True
        ),
        name="ServiceName",
        update=update_service,
        # The template has none, and CloudFormation starts with one then.
        arguments=lambda properties: {"DesiredCount": 1, **properties},
    ),
    Kind(
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "elbv2",
        "create_load_balancer",
        balancer_attributes,
        lambda elb, arn, _: elb.delete_load_balancer(LoadBalancerArn=arn),
        name="Name",
        arguments=without("LoadBalancerAttributes"),
        after=lambda elb, arn, given: elb.modify_load_balancer_attributes(
            LoadBalancerArn=arn, Attributes=given["LoadBalancerAttributes"]
        ),
    ),
    Kind(
        "AWS::ElasticLoadBalancingV2::TargetGroup",
        "elbv2",
        "create_target_group",
        group_attributes,
        lambda elb, arn, _: elb.delete_target_group(TargetGroupArn=arn),
        name="Name",
        arguments=without("TargetGroupAttributes"),
        after=lambda elb, arn, given: elb.modify_target_group_attributes(
            TargetGroupArn=arn, Attributes=given["TargetGroupAttributes"]
        ),
    ),
    Kind(
        "AWS::ApplicationAutoScaling::ScalableTarget",
        "application-autoscaling",
        "register_scalable_target",
        lambda _, given: (
            "|".join(given[key] for key in ("ServiceNamespace", "ScalableDimension", "ResourceId")),
            {},
        ),
        lambda scaling, name, _: scaling.deregister_scalable_target(
            **target({"ScalingTargetId": name})
        ),
        update=lambda scaling, _, given: call(scaling, "register_scalable_target", given),
    ),
    Kind(
        "AWS::ApplicationAutoScaling::ScalingPolicy",
        "application-autoscaling",
        "put_scaling_policy",
        lambda reply, _: (reply["PolicyARN"], {}),
        lambda scaling, _, given: scaling.delete_scaling_policy(
            PolicyName=given["PolicyName"], **target(given)
        ),
        update=lambda scaling, _, given: call(
            scaling, "put_scaling_policy", policy_arguments(given)
        ),
        arguments=policy_arguments,
    ),
    Kind(
        "AWS::CloudWatch::Alarm",
        "cloudwatch",
        "put_metric_alarm",
        lambda _, given: (given["AlarmName"], {}),
        lambda watch, name, _: watch.delete_alarms(AlarmNames=[name]),
        name="AlarmName",
        update=lambda watch, name, given: call(
            watch, "put_metric_alarm", {**given, "AlarmName": name}
        ),
    ),
    Kind(
        "AWS::WAFv2::WebACL",
        "wafv2",
        "create_web_acl",
        lambda reply, _: (
            "|".join(reply["Summary"][key] for key in ("Name", "Id", "LockToken")),
            {"Arn": reply["Summary"]["ARN"]},
        ),
        lambda waf, firewall, given: waf.delete_web_acl(
            **dict(zip(("Name", "Id", "LockToken"), firewall.split("|"), strict=True)),
            Scope=given["Scope"],
        ),
        name="Name",
    ),
    Kind(
        "AWS::WAFv2::WebACLAssociation",
        "wafv2",
        "associate_web_acl",
        lambda _, given: (given["ResourceArn"], {}),
        lambda waf, balancer, _: waf.disassociate_web_acl(ResourceArn=balancer),
    ),
    Kind(
        "AWS::Logs::MetricFilter",
        "logs",
        "put_metric_filter",
        lambda _, given: (given["FilterName"], {}),
        lambda logs, name, given: logs.delete_metric_filter(
            logGroupName=given["LogGroupName"], filterName=name
        ),
        name="FilterName",
    ),
)


class Resource:
    """What CloudFormation keeps of a resource that was made."""

    kind: Kind
    physical_resource_id: str
    attributes: Properties
    given: Properties
    region: str

    @classmethod
    def has_cfn_attr(cls, _: str) -> bool:
        return True

    def is_created(self) -> bool:
        return True

    def get_cfn_attribute(self, name: str) -> Any:
        return self.attributes[name]

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: Any,
        _: str,
        region_name: str,
        **__: Any,
    ) -> "Resource":
        kind = cls.kind
        given = dict(cloudformation_json["Properties"])
        if kind.name:
            given.setdefault(kind.name, resource_name)
        service = client(kind.service, region_name)
        require_image(kind, given, region_name)
        reply = call(service, kind.create, kind.arguments(given))
        made = cls()
        made.physical_resource_id, made.attributes = kind.identify(reply, given)
        made.given, made.region = given, region_name
        if kind.after:
            kind.after(service, made.physical_resource_id, given)
        return made

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: "Resource",
        new_resource_name: str,
        cloudformation_json: Any,
        account_id: str,
        region_name: str,
    ) -> "Resource":
        given = cloudformation_json["Properties"]
        kind = cls.kind
        if kind.update is None:
            return cls.create_from_cloudformation_json(
                new_resource_name, cloudformation_json, account_id, region_name
            )
        require_image(kind, given, region_name)
        name = original_resource.physical_resource_id
        kind.update(client(kind.service, region_name), name, given)
        original_resource.given = {**original_resource.given, **given}
        return original_resource

    def delete(self, _account_id: str, region: str) -> None:
        try:
            service = client(self.kind.service, region)
            self.kind.delete(service, self.physical_resource_id, self.given)
        except ClientError as error:
            # moto deletes in any order, and what is gone takes its rules with it.
            if "NotFound" not in error.response["Error"]["Code"]:
                raise


def require_image(kind: Kind, properties: Properties, region: str) -> None:
    """Refuse a service whose image can't be pulled, as its tasks would never start."""
    if kind.type != "AWS::ECS::Service":
        return
    task = client("ecs", region).describe_task_definition(
        taskDefinition=properties["TaskDefinition"]
    )
    for container in task["taskDefinition"]["containerDefinitions"]:
        repository, _, tag = container["image"].partition("/")[2].partition(":")
        try:
            client("ecr", region).describe_images(
                repositoryName=repository, imageIds=[{"imageTag": tag}]
            )
        except ClientError:
            raise ValueError("ECS Deployment Circuit Breaker was triggered.") from None


def without_no_values(clean: Callable[..., Any]) -> Callable[..., Any]:
    """Leave AWS::NoValue out of lists, as CloudFormation does."""

    @functools.wraps(clean)
    def cleaned(value: Any, resources: Any) -> Any:
        found = clean(value, resources)
        return [each for each in found if each is not None] if isinstance(found, list) else found

    return cleaned


def complete_diff(diff: Callable[..., Any]) -> Callable[..., Any]:
    """Have a change reach what refers to a changed task, and what a condition now lets in.

    Parameters that keep their defaults are no change.
    """

    @functools.wraps(diff)
    def complete(stack: Any, template: Any, parameters: Any = None) -> Any:
        declared = template.get("Parameters", {}).items()
        defaults = {name: each["Default"] for name, each in declared if "Default" in each}
        stack.input_parameters = defaults | stack.input_parameters
        actions = diff(stack, template, parameters)
        resources = template["Resources"]
        remade = {
            name
            for name in actions["Modify"]
            if resources[name]["Type"] == "AWS::ECS::TaskDefinition"
        }
        for name, resource in resources.items():
            refers = remade.intersection(get_references_from_template(resource))
            if refers and name not in actions["Modify"]:
                actions["Modify"].append(name)
            if "Condition" in resource and name not in stack._parsed_resources:
                actions["Add"].append(name)
        gone = [name for name in actions["Modify"] if name in actions["Add"]]
        actions["Modify"] = [name for name in actions["Modify"] if name not in gone]
        return actions

    return complete


def roll_back_on_error(execute: Callable[..., Any]) -> Callable[..., Any]:
    """Have a change that fails end as CloudFormation ends it, and tell why."""

    @functools.wraps(execute)
    def guarded(backend: Any, change_set_name: str, stack_name: str | None = None) -> None:
        changes = backend.describe_change_set(change_set_name)
        stack = changes.stack
        try:
            execute(backend, change_set_name, stack_name)
            # moto has the outputs of the empty stack that a set of changes begins with.
            stack._parse_template()
            stack.output_map = stack._create_output_map()
        except (ValueError, ClientError, BotoCoreError) as error:
            created = changes.change_set_type == "CREATE"
            stack._add_stack_event(
                "CREATE_FAILED" if created else "UPDATE_FAILED", resource_status_reason=str(error)
            )
            stack.status = "ROLLBACK_COMPLETE" if created else "UPDATE_ROLLBACK_COMPLETE"

    return guarded


def main() -> None:
    """Serve until the standard input closes."""
    # moto finds its models among the subclasses that there are; these must not be collected.
    models = []
    for kind in KINDS:
        # moto files a model under the second part of its module's name.
        body = {
            "__module__": f"tests.{kind.service}",
            "kind": kind,
            "cloudformation_type": staticmethod(lambda type_=kind.type: type_),
            "cloudformation_name_type": staticmethod(lambda name=kind.name: name),
        }
        models.append(type(kind.type, (Resource, CloudFormationModel), body))
    parsing.clean_json = without_no_values(parsing.clean_json)
    ResourceMap.build_resource_diff = complete_diff(ResourceMap.build_resource_diff)
    CloudFormationBackend.execute_change_set = roll_back_on_error(
        CloudFormationBackend.execute_change_set
    )
    # AWS makes a set of no changes, and says so in its state; moto refuses to make it.
    CloudFormationResponse._validate_different_update = lambda *_: None
    Stack.has_parameters = lambda stack, given: (
        stack.stack_parameters | given == (stack.stack_parameters)
    )
    SERVER.start()
    print(SERVER.get_host_and_port()[1], flush=True)
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
