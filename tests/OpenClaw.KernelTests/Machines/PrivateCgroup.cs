using System.Diagnostics;
using System.Globalization;
using OpenClaw.Kernel.Cgroups;
using OpenClaw.Kernel.Text;

namespace OpenClaw.KernelTests;

/// <summary>A cgroup v2 of one test, below the root; deleted with it.</summary>
sealed class PrivateCgroup : IDisposable
{
    const string Listener = """
        use Socket; my ($port, $count, $name) = @ARGV; $0 = $name; my $to = sockaddr_in($port, INADDR_LOOPBACK); my @held;
        sub made { socket(my $s, PF_INET, SOCK_STREAM, 0) or die $!; return $s }
        my $listener = made(); bind($listener, $to) or die $!; listen($listener, $count + 1) or die $!;
        for (1 .. $count) { my $s = made(); connect($s, $to) or die $!; push @held, $s }
        $| = 1; print "ready\n"; <STDIN>;
        """;

    readonly List<Process> _processes = [];

    public PrivateCgroup(string name)
    {
        var mount = CgroupMount.Find(new ProcMount());
        if (mount.Missing is { } missing)
            Assert.Skip($"needs a mounted cgroup v2: {missing.Detail}");
        Path = $"/openclaw-test-{Environment.ProcessId.ToString(CultureInfo.InvariantCulture)} {name}";
        Folder = mount.Value + Path;
        try
        {
            Directory.CreateDirectory(Folder);
        }
        catch (Exception error) when (error is UnauthorizedAccessException or IOException)
        {
            Assert.Skip($"needs a cgroup of its own: {error.Message}");
        }
    }

    /// <summary>The folder of the cgroup.</summary>
    public string Folder { get; }

    /// <summary>The path below the mount.</summary>
    public string Path { get; }

    /// <summary>
    /// The command prefix for a program that runs in the cgroup. The program ends before the cgroup is disposed of.
    /// </summary>
    public IReadOnlyList<string> Prefix => ["sh", "-c", "echo $$ > \"$0/cgroup.procs\"; exec \"$@\"", Folder];

    /// <summary>
    /// Starts a process in the cgroup that listens and opens connections to itself, which it does not accept.
    /// </summary>
    /// <param name="netns">The network namespace of the process.</param>
    /// <param name="port">The port.</param>
    /// <param name="connections">The number of connections.</param>
    /// <param name="name">The process name that it sets.</param>
    /// <param name="before">The command prefix, such as nsenter with its arguments.</param>
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

    /// <summary>Starts a process in the cgroup, with its input and output redirected to the test.</summary>
    public Process Start(PrivateNamespace netns, params IEnumerable<string> command)
    {
        var process = netns.Start(
            new(Prefix[0], [.. Prefix.Skip(1), .. command])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            }
        );
        _processes.Add(process);
        return process;
    }

    /// <summary>Moves a process of the test into the cgroup. Its later sockets belong to the cgroup.</summary>
    public void Add(Process process)
    {
        File.WriteAllText(
            System.IO.Path.Combine(Folder, "cgroup.procs"),
            process.Id.ToString(CultureInfo.InvariantCulture)
        );
        _processes.Add(process);
    }

    public void Dispose()
    {
        foreach (var process in _processes.Where(static process => !process.HasExited))
        {
            process.Kill();
            process.WaitForExit();
        }

        // The cgroup is empty once the kernel has reaped its processes.
        for (var attempt = 0; attempt < 50 && Directory.Exists(Folder); attempt++)
        {
            try
            {
                Directory.Delete(Folder);
            }
            catch (IOException)
            {
                Thread.Sleep(20);
            }
        }
    }
}
