using System.Diagnostics;
using System.Globalization;
using OpenClaw.Kernel.Cgroups;
using OpenClaw.Kernel.Text;

namespace OpenClaw.KernelTests;

/// <summary>A cgroup of version 2 of one test's own, below the root; gone with it.</summary>
sealed class PrivateCgroup : IDisposable
{
    const string Listener = """
        use Socket; my ($port, $count, $name) = @ARGV; $0 = $name; my $to = sockaddr_in($port, INADDR_LOOPBACK); my @held;
        sub made { socket(my $s, PF_INET, SOCK_STREAM, 0) or die $!; return $s }
        my $listener = made(); bind($listener, $to) or die $!; listen($listener, $count + 1) or die $!;
        for (1 .. $count) { my $s = made(); connect($s, $to) or die $!; push @held, $s }
        $| = 1; print "ready\n"; <STDIN>;
        """;

    readonly string _directory;
    readonly List<Process> _processes = [];

    public PrivateCgroup(string name)
    {
        var mount = CgroupMount.Find(new ProcMount());
        if (mount.Missing is { } missing)
            Assert.Skip($"needs a mounted cgroup v2: {missing.Detail}");
        Path = $"/openclaw-test-{Environment.ProcessId.ToString(CultureInfo.InvariantCulture)} {name}";
        _directory = mount.Value + Path;
        try
        {
            Directory.CreateDirectory(_directory);
        }
        catch (Exception error) when (error is UnauthorizedAccessException or IOException)
        {
            Assert.Skip($"needs a cgroup of its own: {error.Message}");
        }
    }

    /// <summary>Its path below the mount.</summary>
    public string Path { get; }

    /// <summary>Starts a process in it that listens and has connections with itself, unaccepted ones.</summary>
    /// <param name="netns">In which network namespace.</param>
    /// <param name="port">The port.</param>
    /// <param name="connections">How many.</param>
    /// <param name="name">The name that it takes.</param>
    /// <param name="before">What stands before the program.</param>
    public Process Listen(
        PrivateNamespace netns,
        int port,
        int connections,
        string name = "listener",
        IReadOnlyList<string>? before = null
    )
    {
        var process = Start(
            netns,
            [
                .. before ?? [],
                InstalledProgram.Find("perl"),
                "-e",
                Listener,
                port.ToString(CultureInfo.InvariantCulture),
                connections.ToString(CultureInfo.InvariantCulture),
                name,
            ]
        );
        Assert.Equal("ready", process.StandardOutput.ReadLine());
        return process;
    }

    /// <summary>Starts a process in it, whose input and output are the test's.</summary>
    public Process Start(PrivateNamespace netns, params IEnumerable<string> command)
    {
        var process = netns.Start(
            new("sh", ["-c", "echo $$ > \"$0/cgroup.procs\"; exec \"$@\"", _directory, .. command])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            }
        );
        _processes.Add(process);
        return process;
    }

    public void Dispose()
    {
        foreach (var process in _processes.Where(static process => !process.HasExited))
        {
            process.Kill();
            process.WaitForExit();
        }

        // Empty once the kernel has reaped what was in it.
        for (var attempt = 0; attempt < 50 && Directory.Exists(_directory); attempt++)
        {
            try
            {
                Directory.Delete(_directory);
            }
            catch (IOException)
            {
                Thread.Sleep(20);
            }
        }
    }
}
