using System.Globalization;
using System.Net;
using System.Text.Json;

namespace OpenClaw.KernelTests;

/// <summary>The published exporter makes no system call that the profiles in deploy/seccomp refuse.</summary>
public class SystemCallTests
{
    const string Sidecar = "deploy/seccomp/openclaw-exporter.json";
    const string Host = "deploy/seccomp/openclaw-exporter-host.json";
    const string Ebpf = "deploy/seccomp/openclaw-exporter-ebpf.json";

    /// <summary>The name that strace gives to a call whose thread has ended before it could read the number.</summary>
    const string UnknownCall = "???";

    static readonly string[] Paths =
    [
        "/metrics",
        "/",
        "/healthz",
        "/readyz",
        "/api/v1/diagnosis",
        "/api/v1/timeline",
        "/api/v1/episodes",
        "/metrics?collect[]=tcp_sockets",
    ];

    /// <param name="profile">The profile.</param>
    /// <param name="netns">The network namespaces that the exporter reads.</param>
    /// <param name="refused">The calls that the profile refuses, and the exporter does without.</param>
    [Theory]
    [InlineData(Sidecar, "self", "bpf")]
    [InlineData(Host, "all", "bpf")]
    [InlineData(Ebpf, "all")]
    public async Task Each_system_call_is_in_the_profile(string profile, string netns, params string[] refused)
    {
        using var place = new PrivateNamespace();
        using var folder = new TemporaryFolder();
        var trace = folder.PathOf("trace");
        using var exporter = await PublishedExporter.StartBehindAsync(
            place,
            [
                // Among the processes of the machine, a Gateway of another test is in a namespace to be entered.
                .. PrivateProcesses.First,
                InstalledProgram.Find("strace"),
                "-f",
                "-qq",
                "-o",
                trace,
                "-e",
                "signal=none",
                "-e",
                $"trace=!{string.Join(',', Allowed(profile))}",
            ],
            $"--netns={netns}",
            "--sampling.max-age=0s",
            $"--state.directory={folder.PathOf("")}"
        );
        foreach (var path in Paths)
        {
            using var answer = await exporter.Client.GetAsync(path, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        var tracer = ChildOf(exporter.Process.Id.ToString(CultureInfo.InvariantCulture));
        place.Command("kill", "-TERM", ChildOf(tracer));
        await exporter.Process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(0, exporter.Process.ExitCode);
        var calls = File.ReadLines(trace).Select(CallIn).Where(static call => call != UnknownCall);
        Assert.Equal(refused, calls.Distinct().Order());
    }

    /// <summary>Each profile allows what the one before does, and one call more.</summary>
    [Fact]
    public void The_profiles_differ_by_one_call_each()
    {
        Assert.Equal(["setns"], Allowed(Host).Except(Allowed(Sidecar)).Select(static name => name[1..]));
        Assert.Equal(["bpf"], Allowed(Ebpf).Except(Allowed(Host)).Select(static name => name[1..]));
        Assert.Empty(Allowed(Sidecar).Except(Allowed(Ebpf)));
    }

    /// <summary>
    /// Returns the calls as strace takes them: a question mark permits a name that this architecture lacks.
    /// </summary>
    static List<string> Allowed(string profile)
    {
        using var json = JsonDocument.Parse(File.ReadAllText(Repository.PathOf(profile)));
        Assert.Equal("SCMP_ACT_ERRNO", json.RootElement.GetProperty("defaultAction").GetString());
        return
        [
            .. json
                .RootElement.GetProperty("syscalls")
                .EnumerateArray()
                .SelectMany(static rule => rule.GetProperty("names").EnumerateArray())
                .Select(static name => "?" + name.GetString()!)
                .Distinct(),
        ];
    }

    static string ChildOf(string pid) => File.ReadAllText($"/proc/{pid}/task/{pid}/children").Trim();

    /// <summary>Returns the name in a line such as "4711 bpf(BPF_MAP_CREATE, …".</summary>
    static string CallIn(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1].Split('(')[0];
}
