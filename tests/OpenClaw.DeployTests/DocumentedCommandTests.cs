namespace OpenClaw.DeployTests;

/// <summary>
/// Each command of a code block in the README files runs as it is written, or is listed with the reason why it cannot.
/// </summary>
public class DocumentedCommandTests(ITestOutputHelper output)
{
    const StringComparison Ordinal = StringComparison.Ordinal;

    const string Unit = "/etc/systemd/system/openclaw-exporter.service";
    const string ChangesMachine = "may change this machine; FixTests run it in network namespaces";
    const string NeedsSystemd = "systemd has to be process 1; systemd-analyze verifies the installed unit";
    const string NeedsCluster = "needs a cluster; KubernetesTests parses the same objects as strictly as one";
    const string NeedsImages = "pulls images of a registry; ComposeTests checks the file, container tests its images";

    /// <summary>The commands that run in a copy of the system, each with a check of its effect.</summary>
    static readonly (string Command, string Check)[] Executed =
    [
        ("deploy/debian/build-deb", "ls openclaw-exporter_*.deb"),
        ("sudo apt install ./openclaw-exporter_*.deb", "dpkg --status openclaw-exporter"),
        ("sudo apt install ./openclaw-exporter_0.1.0_*.deb", "test -x /usr/bin/openclaw-exporter"),
        ("openclaw-exporter diagnose", "true"),
        ("sudo openclaw-exporter diagnose", "true"),
        (
            $"sudo install -D -m 644 deploy/systemd/whole-host.conf {Unit}.d/whole-host.conf",
            "systemd-analyze verify --man=no openclaw-exporter.service"
        ),
        (
            "sudo install -D -m 644 /usr/share/doc/openclaw-exporter/examples/whole-host.conf"
                + $" {Unit}.d/whole-host.conf",
            $"cmp {Unit}.d/whole-host.conf deploy/systemd/whole-host.conf"
        ),
        (
            "sudo install -m 755 artifacts/publish/OpenClaw.Exporter/release/openclaw-exporter /usr/bin/",
            "/usr/bin/openclaw-exporter --version"
        ),
        (
            "sudo install -D -m 644 deploy/systemd/openclaw-exporter.sysusers"
                + " /usr/lib/sysusers.d/openclaw-exporter.conf",
            "test -f /usr/lib/sysusers.d/openclaw-exporter.conf"
        ),
        (
            "sudo install -m 644 deploy/systemd/openclaw-exporter.service /etc/systemd/system/",
            "systemd-analyze verify --man=no openclaw-exporter.service"
        ),
        ("sudo systemd-sysusers openclaw-exporter.conf", "getent passwd openclaw-exporter"),
        ("promtool check rules alerts/openclaw-network.rules.yml", "true"),
        ("promtool test rules alerts/tests/*.test.yml", "true"),
        (
            "openclaw-exporter rules --selector='job=\"openclaw\",cluster=\"a\"'"
                + " --runbook-base=https://wiki.example/runbooks",
            "true"
        ),
        (
            "sudo rm -r /etc/systemd/system/openclaw-exporter.service*"
                + " /usr/lib/sysusers.d/openclaw-exporter.conf /usr/bin/openclaw-exporter",
            $"! ls {Unit} /usr/bin/openclaw-exporter 2>/dev/null"
        ),
    ];

    /// <summary>The commands of a server: it runs until it answers.</summary>
    static readonly string[] Servers = ["dotnet run --project src/OpenClaw.Exporter -c Release"];

    /// <summary>The commands that a script of the tests runs before the tests.</summary>
    static readonly Dictionary<string, string> RunByScript = new()
    {
        ["dotnet publish src/OpenClaw.Exporter -c Release"] = "tests/published",
        ["docker build -t openclaw-exporter:0.1.0 ."] = "tests/images",
    };

    static readonly Dictionary<string, string> NotHere = new()
    {
        ["tests/run"] = "runs this test",
        ["dotnet run --project src/OpenClaw.Exporter -c Release -- demo"] =
            "makes a user namespace, which a copy of the system may not; DemoTests run it",
        ["sudo openclaw-exporter fix"] = ChangesMachine,
        ["sudo openclaw-exporter fix --apply"] = ChangesMachine,
        ["sudo openclaw-exporter fix --undo"] = ChangesMachine,
        ["sudo openclaw-exporter history"] = "asks a running exporter; HistoryTests start one",
        ["sudo openclaw-exporter verify"] = "loads this machine; VerifyTests run it in network namespaces",
        [
            "docker run --rm --pid host --network host --user 0 --cap-drop ALL --cap-add SYS_PTRACE"
                + " --cap-add DAC_READ_SEARCH --cap-add SYS_ADMIN --security-opt apparmor=unconfined"
                + " openclaw-exporter:0.1.0 diagnose"
        ] = "sees this whole machine; HostTests start it with the same rights",
        ["docker compose -f deploy/compose/compose.yml up"] = NeedsImages,
        ["docker compose -f deploy/compose/compose.yml -f deploy/compose/whole-host.yml up"] = NeedsImages,
        ["docker compose -f deploy/compose/compose.yml --profile demo up"] = NeedsImages,
        ["docker buildx build --platform linux/amd64,linux/arm64 ."] =
            "needs buildx and an emulator; tests/images builds for this machine's architecture",
        [
            "docker run -d --name openclaw-exporter --network container:APP --read-only --cap-drop ALL"
                + " --security-opt no-new-privileges -m 64m openclaw-exporter:0.1.0"
        ] = "APP is a placeholder; the tests of the sidecar start it with the same restrictions",
        [
            "docker run --name openclaw-exporter --network container:APP --read-only --cap-drop ALL"
                + " --security-opt no-new-privileges -m 64m openclaw-exporter:0.1.0"
        ] = "APP is a placeholder; the tests of the sidecar start it with the same restrictions",
        ["sudo systemctl daemon-reload"] = NeedsSystemd,
        ["sudo systemctl restart openclaw-exporter"] = NeedsSystemd,
        ["sudo systemctl enable --now openclaw-exporter"] = NeedsSystemd,
        ["sudo systemctl disable --now openclaw-exporter"] = NeedsSystemd,
        ["kubectl apply --server-side -k deploy/kubernetes/host"] = NeedsCluster,
        ["kubectl -n openclaw-exporter rollout status daemonset/openclaw-exporter"] = NeedsCluster,
        ["kubectl -n openclaw-exporter port-forward daemonset/openclaw-exporter 10087"] = NeedsCluster,
        ["openclaw-exporter rules --format=prometheusrule | kubectl apply -f -"] = NeedsCluster,
        ["yaml: components: - deploy/kubernetes/sidecar # the path in your checkout"] =
            "KubernetesTests builds a kustomization with this component",
        [
            "OPENCLAW_TARGET=127.0.0.1:10087 OTEL_EXPORTER_OTLP_ENDPOINT=https://otlp.example.com"
                + " otelcol-contrib --config deploy/otel-collector/collector.yaml"
        ] = "no package of Debian has otelcol-contrib; CollectorConfigurationTests checks the file",
    };

    [Fact]
    public void Every_command_runs_in_a_test_or_is_listed_with_the_reason()
    {
        var documented = DocumentedCommand.ReadAll();
        string[] known =
        [
            .. Executed.Select(static step => step.Command),
            .. Servers,
            .. RunByScript.Keys,
            .. NotHere.Keys,
        ];

        Assert.Distinct(known);
        Assert.Empty(
            documented
                .Where(command => !known.Contains(command.Text))
                .Select(static command => $"{command.Place}: {command.Text}")
        );
        Assert.Empty(known.Except(documented.Select(static command => command.Text)));
        Assert.All(RunByScript, static command =>
            Assert.Contains(Essence(command.Key), File.ReadAllText(Repository.PathOf(command.Value)), Ordinal)
        );
    }

    [Fact]
    public async Task The_commands_run_as_they_are_written()
    {
        foreach (var program in (string[])["apt", "dpkg-deb", "systemd-analyze", "promtool"])
            InstalledProgram.Find(program);
        Assert.True(File.Exists(Repository.PublishedExporter));

        var steps = Executed.Select(static step =>
            $$"""
                echo {{Quoted("$ " + step.Command)}}
                {{step.Command}} </dev/null 2>&1 || [[ $? -le {{WorstExit(step.Command)}} ]]
                {
                {{step.Check}}
                } >/dev/null

                """
        );
        output.WriteLine(
            await ScratchSystem.RunAsync(
                """
                set -eu -o pipefail
                export DEBIAN_FRONTEND=noninteractive PATH=$PATH:/usr/sbin:/sbin
                sudo() { "$@"; } # the copy of the system has only root

                """ + string.Concat(steps)
            )
        );
    }

    [Fact]
    public async Task A_server_from_source_answers()
    {
        InstalledProgram.Find("dotnet");
        foreach (var server in Servers)
        {
            output.WriteLine(
                await ScratchSystem.RunAsync(
                    $$"""
                    set -eu
                    exec 2>&1
                    {{server}} &
                    server=$!
                    until artifacts/publish/OpenClaw.Exporter/release/openclaw-exporter healthcheck; do
                        kill -0 "$server"
                        sleep 1
                    done
                    """
                )
            );
        }
    }

    /// <summary>A script may build quietly, for a tag of its own.</summary>
    static string Essence(string command) => command.Split(" -t ")[0];

    /// <summary>A diagnosis exits with the worst condition of the machine.</summary>
    static int WorstExit(string command) => command.EndsWith(" diagnose", Ordinal) ? 3 : 0;

    static string Quoted(string text) => "'" + text.Replace("'", "'\\''", Ordinal) + "'";
}
