using OpenClaw.Exporter.Alerts;

namespace OpenClaw.Exporter.Tests;

/// <summary>Files that are rendered again in a form that Kubernetes accepts.</summary>
public class KubernetesFilesTests
{
    [Fact]
    public void The_rules_are_those_for_Prometheus() =>
        GeneratedFile.AssertCurrent(
            "deploy/kubernetes/base/prometheus-rule.yaml",
            RuleFile.PrometheusRule(RuleOptions.Shipped)
        );

    [Fact]
    public void Each_dashboard_has_its_config_map()
    {
        var dashboards = Directory
            .EnumerateFiles(Repository.PathOf("dashboards"), "*.json")
            .Select(Path.GetFileNameWithoutExtension)
            .Order(StringComparer.Ordinal)
            .ToArray();
        var maps = dashboards.Select(static name =>
            $"""
                  - name: openclaw-exporter-dashboard-{name}
                    files: [{name}.json]

                """
        );
        GeneratedFile.AssertCurrent(
            "dashboards/kustomization.yaml",
            $"""
            # Written by KubernetesFilesTests, which runs with OPENCLAW_UPDATE_GENERATED=1 after a dashboard came or went.
            # Grafana's sidecar takes every ConfigMap with this label; in its Helm chart, with sidecar.dashboards.searchNamespace: ALL.
            apiVersion: kustomize.config.k8s.io/v1beta1
            kind: Kustomization
            generatorOptions:
              disableNameSuffixHash: true
              labels:
                grafana_dashboard: "1"
            configMapGenerator:{(dashboards.Length == 0 ? " []" : "")}
            {string.Concat(maps)}
            """.TrimEnd() + "\n"
        );
    }
}
