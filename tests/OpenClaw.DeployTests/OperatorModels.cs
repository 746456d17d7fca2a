using k8s;
using k8s.Models;
using YamlDotNet.Serialization;

namespace OpenClaw.DeployTests;

// The parts of the Prometheus Operator's monitoring.coreos.com/v1 that the manifests use:
// https://prometheus-operator.dev/docs/api-reference/api/

/// <summary>A PodMonitor: selects the Pods that Prometheus scrapes.</summary>
sealed class PodMonitor : OperatorObject
{
    public PodMonitorSpec Spec { get; set; } = new();
}

/// <summary>A PrometheusRule: rules for Prometheus.</summary>
sealed class PrometheusRule : OperatorObject
{
    public PrometheusRuleSpec Spec { get; set; } = new();
}

abstract class OperatorObject : IKubernetesObject<V1ObjectMeta>
{
    public string ApiVersion { get; set; } = "";

    public string Kind { get; set; } = "";

    public V1ObjectMeta Metadata { get; set; } = new();
}

sealed class PodMonitorSpec
{
    public string JobLabel { get; set; } = "";

    public NamespaceSelector NamespaceSelector { get; set; } = new();

    public V1LabelSelector Selector { get; set; } = new();

    public List<PodMetricsEndpoint> PodMetricsEndpoints { get; set; } = [];
}

sealed class NamespaceSelector
{
    public bool Any { get; set; }
}

sealed class PodMetricsEndpoint
{
    public string Port { get; set; } = "";

    public string Interval { get; set; } = "";
}

sealed class PrometheusRuleSpec
{
    public List<RuleGroup> Groups { get; set; } = [];
}

sealed class RuleGroup
{
    public string Name { get; set; } = "";

    public string? Interval { get; set; }

    public List<Rule> Rules { get; set; } = [];
}

sealed class Rule
{
    public string? Alert { get; set; }

    public string? Record { get; set; }

    public string Expr { get; set; } = "";

    public string? For { get; set; }

    [YamlMember(Alias = "keep_firing_for", ApplyNamingConventions = false)]
    public string? KeepFiringFor { get; set; }

    public Dictionary<string, string>? Labels { get; set; }

    public Dictionary<string, string>? Annotations { get; set; }
}
