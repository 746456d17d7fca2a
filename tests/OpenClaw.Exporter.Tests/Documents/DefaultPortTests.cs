using System.Globalization;
using OpenClaw.Exporter.Configuration;

namespace OpenClaw.Exporter.Tests;

/// <summary>Checks the files that repeat the exporter's default port.</summary>
public class DefaultPortTests
{
    [Theory]
    [InlineData("Dockerfile", "EXPOSE {0}")]
    [InlineData("README.md", "http://localhost:{0}/")]
    [InlineData("README.md", "TCP port {0} on all addresses")]
    [InlineData(".github/SECURITY.md", "port {0} on all addresses")]
    [InlineData("alerts/README.md", "`localhost:{0}`")]
    [InlineData("deploy/README.md", "http://localhost:{0} ")]
    [InlineData("src/OpenClaw.Exporter/Web/README.md", "port {0} on all addresses")]
    [InlineData("deploy/debian/default", "127.0.0.1:{0}")]
    [InlineData("deploy/systemd/openclaw-exporter.socket", "ListenStream={0}")]
    [InlineData("deploy/kubernetes/sidecar/sidecar.yaml", "containerPort: {0}")]
    [InlineData("deploy/kubernetes/host/daemon-set.yaml", "hostPort: {0}")]
    [InlineData("deploy/compose/prometheus.yml", "exporter:{0}")]
    [InlineData("deploy/otel-collector/collector.yaml", "127.0.0.1:{0}")]
    public void Each_file_that_names_the_port_names_the_default(string path, string line)
    {
        var root = new System.CommandLine.RootCommand { ExporterFlags.ListenAddress };
        var port = Assert.Single(root.Parse([]).GetRequiredValue(ExporterFlags.ListenAddress)).Port;

        Assert.Contains(
            string.Format(CultureInfo.InvariantCulture, line, port),
            File.ReadAllText(Repository.PathOf(path)),
            StringComparison.Ordinal
        );
    }
}
