using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace OpenClaw.KernelTests;

/// <summary>The command trace of the published binary names refused calls with their process.</summary>
public class TraceTests
{
    static readonly bool IsX64 = RuntimeInformation.ProcessArchitecture == Architecture.X64;

    /// <summary>Makes one kind of call until it is refused. It prints nothing.</summary>
    const string Script = """
        use Socket qw(:all);
        my ($name, $way, $number) = @ARGV; $0 = $name;
        sub fill { while (open(my $f, "<", "/dev/null")) { push @held, $f } }
        sub tcp { socket(my $s, AF_INET, SOCK_STREAM, 0); $s }
        sub to { pack_sockaddr_in($_[1], inet_aton($_[0])) }
        if ($way eq "open") { fill() }
        elsif ($way eq "socket") { fill(); tcp() }
        elsif ($way eq "pipe") { fill(); pipe(my $r, my $w) }
        elsif ($way eq "number") { fill(); syscall($number + 0, 0) }
        elsif ($way eq "accept") {
            my ($l, $c) = (tcp(), tcp()); bind($l, to("127.0.0.1", 9100)) or die; listen($l, 5); 
            connect($c, to("127.0.0.1", 9100)) or die; fill(); accept(my $a, $l);
        }
        elsif ($way eq "taken") { bind(tcp(), to("127.0.0.1", 9000)) }
        elsif ($way eq "foreign") { bind(tcp(), to("192.0.2.7", 80)) }
        elsif ($way eq "connect") {
            while (1) { my $s = tcp(); push @held, $s; connect($s, to("127.0.0.1", 9000)) or last }
        }
        elsif ($way eq "udp") {
            while (1) { socket(my $s, AF_INET, SOCK_DGRAM, 0); push @held, $s; connect($s, to("127.0.0.1", 53)) or last }
        }
        elsif ($way eq "fork") { fork() }
        """;

    static readonly (string Name, string Way, int Number, string Call, string Error, string Target)[] Refusals =
    [
        ("r-open", "open", 0, "openat", "EMFILE", ""),
        ("r-socket", "socket", 0, "socket", "EMFILE", ""),
        ("r-pipe", "pipe", 0, "pipe2", "EMFILE", ""),
        ("r-epoll", "number", IsX64 ? 291 : 20, "epoll_create1", "EMFILE", ""),
        ("r-inotify", "number", IsX64 ? 294 : 26, "inotify_init1", "EMFILE", ""),
        ("r-accept", "accept", 0, "accept4", "EMFILE", ""),
        ("r-taken", "taken", 0, "bind", "EADDRINUSE", "127.0.0.1:9000"),
        ("r-foreign", "foreign", 0, "bind", "EADDRNOTAVAIL", "192.0.2.7:80"),
        ("r-connect", "connect", 0, "connect", "EADDRNOTAVAIL", "127.0.0.1:9000"),
        ("r-udp", "udp", 0, "connect", "EAGAIN", "127.0.0.1:53"),
        ("r-fork", "fork", 0, "clone", "EAGAIN", ""),
    ];

    [Fact]
    public async Task Refused_calls_are_named_with_their_process_and_target()
    {
        using var netns = new PrivateNamespace();
        netns.Sysctl("net.ipv4.ip_local_port_range", "40000 40003");
        netns.Attach(new ConnectionPairs(netns, 9000));
        using var trace = Start([], "--for=0s", "--format=json", "--netns=all");
        Assert.Contains("tracing until", await trace.StandardError.ReadLineAsync(Stop), StringComparison.Ordinal);
        var lines = trace.StandardOutput.ReadToEndAsync(Stop);

        var expected = new List<(string Name, int Pid, string Call, string Error, string Target)>();
        foreach (var (name, way, number, call, error, target) in Refusals)
        {
            var perl = $"perl -e \"$0\" {name} {way} {number}";
            var limited =
                way == "fork"
                    ? $"ulimit -u 1; exec setpriv --reuid=65531 --clear-groups {perl}"
                    : $"ulimit -n 32; exec {perl}";
            var program = netns.Start(new("bash", ["-c", limited, Script]));
            await program.WaitForExitAsync(Stop);
            expected.Add((name, program.Id, call, error, target));
        }

        Signal(trace);
        var events = (await lines)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(static line => JsonDocument.Parse(line).RootElement)
            .ToList();
        await trace.WaitForExitAsync(Stop);

        Assert.Equal(0, trace.ExitCode);
        var seen = events[..^1]
            .Select(static one =>
                (
                    Text(one, "process"),
                    one.GetProperty("pid").GetInt32(),
                    Text(one, "call"),
                    Text(one, "errno"),
                    Text(one, "target")
                )
            )
            .ToHashSet();
        Assert.All(expected, one => Assert.Contains(one, seen));
        var summed = events[^1].GetProperty("summary").EnumerateArray();
        Assert.Contains(summed, static row =>
            Text(row, "process") == "r-connect" && row.GetProperty("calls").GetInt32() == 1
        );
        Assert.Equal(0, events[^1].GetProperty("lost").GetInt32());
    }

    /// <summary>
    /// A child with a network, pid and user namespace of its own, in a cgroup with the name of a container. All but
    /// fork(), which its root may call without a limit.
    /// </summary>
    [Fact]
    public async Task Refused_calls_in_a_container_are_named_with_it()
    {
        const string inside = """
            ip link set lo up; echo 40000 40003 > /proc/sys/net/ipv4/ip_local_port_range
            coproc perl -MIO::Socket::INET -e '
                $| = 1; $held = IO::Socket::INET->new(LocalAddr => "127.0.0.1:9000", Listen => 5) or die;
                print "ready\n"; <STDIN>'
            read -ru ${COPROC[0]}
            while [[ $# -gt 0 ]]; do
                (ulimit -n 32; exec perl -e "$0 select(undef, undef, undef, 1)" "$1" "$2" "$3") & shift 3
                held+=($!)
            done
            wait "${held[@]}"
            """;
        var id = string.Concat(Enumerable.Repeat("0123456789abcdef", 4));
        using var netns = new PrivateNamespace();
        using var cgroup = new PrivateCgroup($"docker-{id}.scope");
        var refusals = Refusals.Where(static one => one.Way != "fork").ToList();
        using var trace = Start([], "--for=0s", "--format=json", "--netns=all");
        Assert.Contains("tracing until", await trace.StandardError.ReadLineAsync(Stop), StringComparison.Ordinal);
        var lines = trace.StandardOutput.ReadToEndAsync(Stop);

        var child = cgroup.Start(
            netns,
            [
                .. (string[])["unshare", "--net", "--pid", "--user", "--map-root-user", "--fork", "--kill-child"],
                .. (string[])["--mount-proc", "bash", "-c", inside, Script],
                .. refusals.SelectMany(static one => new[] { one.Name, one.Way, $"{one.Number}" }),
            ]
        );
        await child.WaitForExitAsync(Stop);
        Signal(trace);
        var events = (await lines)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)[..^1]
            .Select(static line => JsonDocument.Parse(line).RootElement)
            .Where(one => Text(one, "container") == id)
            .ToList();

        var seen = events
            .Select(static one => (Text(one, "process"), Text(one, "call"), Text(one, "errno"), Text(one, "target")))
            .ToHashSet();
        Assert.All(refusals, one => Assert.Contains((one.Name, one.Call, one.Error, one.Target), seen));
        Assert.Single(events.Select(static one => Text(one, "netns")).Distinct());
    }

    [Fact]
    public async Task Text_has_a_line_for_each_call_of_the_selected_namespace_and_a_summary()
    {
        using var netns = new PrivateNamespace();
        using var other = new PrivateNamespace();
        var anchor = netns.Start(new("sleep", "600"));
        var inode = netns.Run(static () => new FileInfo("/proc/thread-self/ns/net").LinkTarget!)["net:[".Length..^1];
        using var trace = Start([], "--for=3s", $"--netns={inode}");
        Assert.Contains("tracing for 3 s", await trace.StandardError.ReadLineAsync(Stop), StringComparison.Ordinal);
        foreach (var (space, name) in ((PrivateNamespace, string)[])[(netns, "r-here"), (other, "r-there")])
            await space.Start(new("perl", ["-e", Script, name, "foreign", "0"])).WaitForExitAsync(Stop);

        var text = await trace.StandardOutput.ReadToEndAsync(Stop);

        Assert.Matches(
            $@"^\d\d:\d\d:\d\d\.\d\d\d r-here \(pid \d+\) in {inode}.*: bind\(\) to 192\.0\.2\.7:80: "
                + @"EADDRNOTAVAIL \(Cannot assign requested address\)\n"
                + @"1 refused call\n +1 r-here: bind\(\): EADDRNOTAVAIL \(Cannot assign requested address\)\n$",
            text
        );
        Assert.False(anchor.HasExited);
    }

    /// <summary>The kernel has ids of the machine. Inside a container, such an id is another process or none.</summary>
    [Fact]
    public async Task In_a_pid_namespace_an_id_is_said_to_be_the_machines()
    {
        using var netns = new PrivateNamespace();
        var trace = netns.Start(
            new(
                PrivateProcesses.First[0],
                [.. PrivateProcesses.First.Skip(1), Repository.PublishedExporter, "trace", "--for=3s"]
            )
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        );
        Assert.Contains("tracing for 3 s", await trace.StandardError.ReadLineAsync(Stop), StringComparison.Ordinal);
        var program = netns.Start(new("perl", ["-e", Script, "r-here", "foreign", "0"]));
        await program.WaitForExitAsync(Stop);

        var text = await trace.StandardOutput.ReadToEndAsync(Stop);

        Assert.Contains($" r-here (pid {program.Id} on the host) in ", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "needs CAP_BPF and CAP_PERFMON")]
    [InlineData(",+bpf", "needs CAP_PERFMON too")]
    public async Task Without_a_capability_one_line_says_which(string capabilities, string reason)
    {
        string[] kept =
            capabilities.Length == 0 ? [] : [$"--inh-caps=-all{capabilities}", $"--ambient-caps=-all{capabilities}"];
        using var trace = Start([
            "setpriv",
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
            $"--bounding-set=-all{capabilities}",
            .. kept,
        ]);

        var errors = await trace.StandardError.ReadToEndAsync(Stop);
        await trace.WaitForExitAsync(Stop);

        Assert.Equal(69, trace.ExitCode);
        Assert.Matches($@"^openclaw-exporter: cannot trace: bpf\(BPF_[A-Z_]+\): {reason}\n$", errors);
    }

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    static Process Start(string[] before, params string[] flags)
    {
        string[] command = [.. before, Repository.PublishedExporter, "trace", .. flags];
        return ChildProcess.Start(
            new(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true }
        );
    }

    static void Signal(Process process) =>
        ChildProcess.Start(new("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)])).WaitForExit();

    static string? Text(JsonElement element, string property) => element.GetProperty(property).GetString();
}
