using k8s;
using k8s.Models;
using OpenClaw.Exporter.Configuration;

namespace OpenClaw.DeployTests;

/// <summary>
/// The output of kubectl for deploy/kubernetes, parsed as strictly as a cluster does: an unknown field is an error.
/// </summary>
public class KubernetesTests
{
    const string PortName = "openclaw-net";
    const string Scrape = "openclaw-exporter/scrape";

    /// <summary>
    /// The command of the image's health check. An HTTP probe has no password, so it would make the kubelet restart the
    /// Pod.
    /// </summary>
    static readonly string[] HealthCheck = ["/usr/bin/openclaw-exporter", "healthcheck"];

    static readonly Dictionary<string, Type> OperatorTypes = new()
    {
        ["monitoring.coreos.com/v1/PodMonitor"] = typeof(PodMonitor),
        ["monitoring.coreos.com/v1/PrometheusRule"] = typeof(PrometheusRule),
    };

    [Fact]
    public async Task On_the_host_it_has_what_it_needs_and_no_more()
    {
        var objects = await KustomizeAsync(Repository.PathOf("deploy/kubernetes/host"));
        var set = Assert.Single(objects.OfType<V1DaemonSet>());
        var pod = set.Spec.Template.Spec;
        var container = Assert.Single(pod.Containers);

        Assert.True(pod.HostNetwork);
        Assert.True(pod.HostPID);
        Assert.False(pod.AutomountServiceAccountToken);
        Assert.Equal("openclaw-exporter:" + ProductVersion.Value, container.Image);
        Assert.Equal(["ALL"], container.SecurityContext.Capabilities.Drop);
        Assert.Equal(ComposeTests.HostCapabilities, container.SecurityContext.Capabilities.Add.Order());
        Assert.Equal("RuntimeDefault", container.SecurityContext.SeccompProfile.Type);
        Assert.True(container.SecurityContext.ReadOnlyRootFilesystem);
        Assert.False(container.SecurityContext.AllowPrivilegeEscalation);
        var state = Assert.Single(container.VolumeMounts, static mount => mount.ReadOnlyProperty != true);
        Assert.Contains($"{ExporterFlags.StateDirectory.Name}={state.MountPath}", container.Args);
        Assert.Equal(
            ("/var/lib/openclaw-exporter", "DirectoryOrCreate"),
            pod.Volumes.Where(volume => volume.Name == state.Name)
                .Select(static volume => (volume.HostPath.Path, volume.HostPath.Type))
                .Single()
        );
        Assert.Equal(
            set.Spec.Selector.MatchLabels["app.kubernetes.io/name"],
            set.Spec.Template.Metadata.Labels["app.kubernetes.io/name"]
        );
        AssertFlagsExist(container);
        Assert.Equal(HealthCheck, container.LivenessProbe.Exec.Command);
        Assert.Equal([.. HealthCheck, "--ready"], container.ReadinessProbe.Exec.Command);
        AssertIsFound(objects, set.Spec.Template);

        var policy = Assert.Single(objects.OfType<V1NetworkPolicy>());
        Assert.All(policy.Spec.PodSelector.MatchLabels, label =>
            Assert.Equal(label.Value, set.Spec.Template.Metadata.Labels[label.Key])
        );
        Assert.Equal(PortName, Assert.Single(policy.Spec.Ingress.SelectMany(static rule => rule.Ports)).Port.Value);
        var space = Assert.Single(objects.OfType<V1Namespace>());
        Assert.Equal("privileged", space.Metadata.Labels["pod-security.kubernetes.io/enforce"]);
        Assert.All(objects.Where(static item => item is not V1Namespace), item =>
            Assert.Equal(space.Metadata.Name, ((IMetadata<V1ObjectMeta>)item).Metadata.NamespaceProperty)
        );
    }

    [Fact]
    public async Task The_component_puts_it_beside_the_containers_of_any_Deployment()
    {
        using var folder = new TemporaryFolder();
        folder.Write(
            "app.yaml",
            """
            apiVersion: apps/v1
            kind: Deployment
            metadata:
              name: gateway
            spec:
              replicas: 2
              selector:
                matchLabels:
                  app: gateway
              template:
                metadata:
                  labels:
                    app: gateway
                spec:
                  containers:
                    - name: gateway
                      image: gateway:1
                      ports:
                        - containerPort: 18789
            """
        );
        folder.Write(
            "kustomization.yaml",
            $"""
            resources: [app.yaml]
            components: ['{Path.GetRelativePath(folder.PathOf(""), Repository.PathOf("deploy/kubernetes/sidecar"))}']
            """
        );

        var app = Assert.Single((await KustomizeAsync(folder.PathOf(""))).OfType<V1Deployment>());
        var pod = app.Spec.Template.Spec;
        Assert.Equal("gateway", app.Metadata.Name);
        Assert.Equal(2, app.Spec.Replicas);
        Assert.Equal(["app"], app.Spec.Selector.MatchLabels.Keys);
        Assert.Equal("gateway:1", pod.Containers.Single(static container => container.Name == "gateway").Image);

        // The demands of Kubernetes' policy "restricted" on a container.
        var sidecar = pod.Containers.Single(static container => container.Name == "openclaw-exporter");
        Assert.Equal("openclaw-exporter:" + ProductVersion.Value, sidecar.Image);
        Assert.True(sidecar.SecurityContext.RunAsNonRoot);
        Assert.Equal(65532, sidecar.SecurityContext.RunAsUser);
        Assert.True(sidecar.SecurityContext.ReadOnlyRootFilesystem);
        Assert.False(sidecar.SecurityContext.AllowPrivilegeEscalation);
        Assert.Equal(["ALL"], sidecar.SecurityContext.Capabilities.Drop);
        Assert.Null(sidecar.SecurityContext.Capabilities.Add);
        Assert.Equal("RuntimeDefault", sidecar.SecurityContext.SeccompProfile.Type);
        Assert.Equal("64Mi", sidecar.Resources.Limits["memory"].ToString());
        Assert.Equal(HealthCheck, sidecar.LivenessProbe.Exec.Command);
        Assert.Null(sidecar.ReadinessProbe);
        Assert.Null(pod.InitContainers);
        Assert.Null(pod.HostPID);
        AssertIsFound(await KustomizeAsync(Repository.PathOf("deploy/kubernetes/base")), app.Spec.Template);
    }

    [Fact]
    public async Task The_Gateway_has_the_exporter_as_its_sidecar()
    {
        var gateway = Assert.Single(
            (await KustomizeAsync(Repository.PathOf("deploy/kubernetes/gateway"))).OfType<V1Deployment>()
        );
        var pod = gateway.Spec.Template.Spec;
        var containers = pod.Containers.ToDictionary(static container => container.Name);

        Assert.True(pod.ShareProcessNamespace);
        Assert.StartsWith("ghcr.io/openclaw/openclaw:", containers["openclaw-gateway"].Image, StringComparison.Ordinal);
        Assert.Equal(
            containers["openclaw-gateway"].SecurityContext.RunAsUser,
            containers["openclaw-exporter"].SecurityContext.RunAsUser
        );
        Assert.Null(containers["openclaw-exporter"].SecurityContext.Capabilities.Add);
    }

    [Fact]
    public void The_policy_for_isolated_Pods_selects_the_sidecars()
    {
        var policy = Assert.Single(
            Parse(File.ReadAllText(Repository.PathOf("deploy/kubernetes/sidecar/network-policy.yaml")))
                .OfType<V1NetworkPolicy>()
        );
        Assert.Equal(Scrape, Assert.Single(policy.Spec.PodSelector.MatchLabels).Key);
        Assert.Equal(PortName, Assert.Single(policy.Spec.Ingress.SelectMany(static rule => rule.Ports)).Port.Value);
    }

    [Fact]
    public async Task Alerts_and_dashboards_come_along()
    {
        var objects = await KustomizeAsync(Repository.PathOf("deploy/kubernetes/base"));

        var rules = Assert
            .Single(objects.OfType<PrometheusRule>())
            .Spec.Groups.SelectMany(static group => group.Rules)
            .ToArray();
        Assert.NotEmpty(rules);
        Assert.All(rules, static rule =>
            Assert.True(rule.Record is not null ^ rule is { Alert: not null, Annotations: not null })
        );
        var dashboards = objects.OfType<V1ConfigMap>().ToArray();
        Assert.Equal(
            Directory.EnumerateFiles(Repository.PathOf("dashboards"), "*.json").Select(Path.GetFileName).Order(),
            dashboards.Select(static map => map.Data.Keys.Single()).Order()
        );
        Assert.All(dashboards, static map => Assert.Equal("1", map.Metadata.Labels["grafana_dashboard"]));
    }

    /// <summary>Asserts that the PodMonitor selects the Pods and their port.</summary>
    static void AssertIsFound(IReadOnlyList<object> objects, V1PodTemplateSpec pod)
    {
        var monitor = Assert.Single(objects.OfType<PodMonitor>());
        Assert.True(monitor.Spec.NamespaceSelector.Any);
        Assert.All(monitor.Spec.Selector.MatchLabels, label =>
            Assert.Equal(label.Value, pod.Metadata.Labels[label.Key])
        );
        Assert.Equal("openclaw-exporter", pod.Metadata.Labels[monitor.Spec.JobLabel]);
        var port = Assert.Single(monitor.Spec.PodMetricsEndpoints).Port;
        Assert.Equal(
            10087,
            Assert
                .Single(pod.Spec.Containers.SelectMany(static container => container.Ports), item => item.Name == port)
                .ContainerPort
        );
    }

    static void AssertFlagsExist(V1Container container) =>
        Assert.All(container.Args, static argument =>
            Assert.Contains(argument.Split('=')[0], ExporterFlags.All.Select(static flag => flag.Name))
        );

    static async Task<IReadOnlyList<object>> KustomizeAsync(string folder) =>
        Parse(await RunProgram.OutputAsync(InstalledProgram.Find("kubectl"), "kustomize", folder));

    static List<object> Parse(string yaml) => KubernetesYaml.LoadAllFromString(yaml, OperatorTypes, strict: true);
}
