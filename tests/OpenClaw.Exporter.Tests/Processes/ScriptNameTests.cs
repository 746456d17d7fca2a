using OpenClaw.Kernel.Processes;

namespace OpenClaw.Exporter.Tests;

/// <summary>Names processes of Node, as seen under a running Gateway 2026.9.6.</summary>
public class ScriptNameTests
{
    const string Package = "/usr/lib/node_modules/openclaw/";

    [Theory]
    [InlineData("node\0" + Package + "dist/process/spawn-broker/worker.js\0", "openclaw spawn-broker worker")]
    [InlineData(
        "/opt/node\0" + Package + "dist/infra/sqlite-readonly-location.worker.js\0--child\0session\0",
        "openclaw sqlite-readonly-location worker"
    )]
    [InlineData("node\0" + Package + "dist/process/terminal-pty-worker.js\0", "openclaw terminal-pty-worker")]
    [InlineData("node\0" + Package + "openclaw.mjs\0gateway\0run\0--port\01\0", "openclaw gateway")]
    [InlineData("node\0--no-warnings\0" + Package + "dist/index.js\0gateway\0", "openclaw gateway")]
    [InlineData("node\0" + Package + "openclaw.mjs\0--version\0", "openclaw")]
    [InlineData("node\0/srv/openclaw.mjs\0", "openclaw")]
    [InlineData("node\0/srv/shop/index.js\0", "shop/index.js")]
    [InlineData("node\0queue.js\0", "queue.js")]
    [InlineData("node\0-e\0setTimeout(x)\0", "MainThread")]
    [InlineData("node\0", "MainThread")]
    [InlineData("", "MainThread")]
    public void A_process_of_Node_is_named_by_its_script(string commandLine, string name) =>
        Assert.Equal(name, ProcessName.Combine("MainThread\n", commandLine).Name);

    [Fact]
    public void Other_names_stay() =>
        Assert.Equal("node", ProcessName.Combine("node\n", "node\0" + Package + "openclaw.mjs\0").Name);

    [Fact]
    public void The_title_of_the_Gateway_is_whole() =>
        Assert.Equal("openclaw-gateway", ProcessName.Combine("openclaw-gatewa\n", "openclaw-gateway    ").Name);

    [Theory]
    [InlineData("openclaw-export", true)]
    [InlineData("openclaw_exporter", true)]
    [InlineData("openclaw-metrics-exporter.service", true)]
    [InlineData("/opt/openclaw-exporter/dist/server.js", true)]
    [InlineData("/opt/node_modules/openclaw_exporter/index.js", true)]
    [InlineData("openclaw-gateway", false)]
    [InlineData("/home/exporter/.npm/lib/node_modules/openclaw/openclaw.mjs", false)]
    [InlineData("openclaw", false)]
    public void An_exporter_is_known_by_its_program_or_unit(string path, bool isExporter) =>
        Assert.Equal(isExporter, ProcessName.IsExporter(path));
}
