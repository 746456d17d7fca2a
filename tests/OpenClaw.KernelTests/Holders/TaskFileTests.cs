using System.Diagnostics;
using System.Globalization;
using OpenClaw.Kernel.Bpf;
using OpenClaw.Kernel.Holders;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.KernelTests;

/// <summary>The program in the kernel and the links in /proc find the same processes of the same sockets.</summary>
public sealed class TaskFileTests : IDisposable
{
    const int Server = 9000;

    static readonly ProcMount Proc = new();

    static readonly string Types = Path.Combine("/sys", Btf.File);

    readonly PrivateNamespace _netns = new();

    public void Dispose() => _netns.Dispose();

    static Deadline Soon => Deadline.After(TimeSpan.FromSeconds(20));

    [Fact]
    public void Each_socket_of_each_process_is_passed()
    {
        var processes = Start();
        using var program = TaskFileProgram.Attach(Types).Value;

        ulong[] wanted = [.. processes.SelectMany(SocketsOf).Distinct()];
        using var places = new InodePlaces(wanted);
        var passed = new HashSet<(int, ulong)>();
        Assert.Null(program.Read(places, (pid, place) => passed.Add((pid, wanted[place])), Soon));

        // Elsewhere the kernel's ids of processes are not those of the procfs.
        var byPid = passed
            .GroupBy(static one => one.Item1)
            .ToDictionary(static one => one.Key, static one => one.Select(static pair => pair.Item2).Order().ToArray());
        foreach (var pid in processes)
        {
            ulong[] expected = [.. SocketsOf(pid)];
            if (PidNamespace.IsFirst(Proc))
                Assert.Equal(expected, byPid[pid]);
            else
                Assert.Contains(byPid.Values, sockets => sockets.SequenceEqual(expected));
        }
    }

    [Fact]
    public void Holders_are_the_same_by_the_program_and_by_the_links()
    {
        var processes = Start();
        ulong[] wanted = [.. processes.SelectMany(SocketsOf).Distinct().Order()];
        using var program = TaskFileProgram.Attach(Types).Value;

        var atOnce = Find(wanted, program, atOnceFrom: 1);
        var byLinks = Find(wanted, program, atOnceFrom: int.MaxValue);

        Assert.Equal(processes.Order(), atOnce.Select(static one => one.Key).Order());
        Assert.Equal(byLinks, atOnce);
    }

    [Fact]
    public void Without_the_program_the_links_are_read()
    {
        var processes = Start();
        ulong[] wanted = [.. processes.SelectMany(SocketsOf).Distinct().Order()];

        var found = Find(wanted, new Missing(Absence.NotPermitted, "bpf(BPF_PROG_LOAD): needs CAP_BPF"), atOnceFrom: 1);

        Assert.Equal(processes.Order(), found.Select(static one => one.Key).Order());
    }

    /// <summary>Starts a server, a client, and two children that share the sockets of the client.</summary>
    List<int> Start()
    {
        var server = HolderProgram.Start(_netns, "server", [$"serve {Server} {Server + 3}", "bind udp 5"]);
        var client = HolderProgram.Start(_netns, "client", [$"connect {Server} 40", "files 20", "fork 2 0 0"]);
        using var list = ChildProcess.Start(
            new ProcessStartInfo("pgrep", ["-P", client.Id.ToString(CultureInfo.InvariantCulture)])
            {
                RedirectStandardOutput = true,
            }
        );
        var children = list.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, children.Length);
        return [server.Id, client.Id, .. children.Select(static pid => int.Parse(pid, CultureInfo.InvariantCulture))];
    }

    static IEnumerable<ulong> SocketsOf(int pid) =>
        Directory
            .GetFiles($"/proc/{pid}/fd")
            .Select(static link => new FileInfo(link).LinkTarget ?? "")
            .Where(static target => target.StartsWith("socket:[", StringComparison.Ordinal))
            .Select(static target => ulong.Parse(target["socket:[".Length..^1], CultureInfo.InvariantCulture))
            .Order();

    static SortedDictionary<int, ulong[]> Find(ulong[] wanted, Reading<TaskFileProgram> program, int atOnceFrom)
    {
        var search = new SocketProcesses(Proc, Missing.NotAsked<ProcessTable>(), null, new(() => program));
        using var places = new InodePlaces(wanted);
        return new(
            search
                .Find(places, Soon, Soon, atOnceFrom)
                .ToDictionary(
                    static process => process.Pid,
                    process => process.Places.Select(place => wanted[place]).ToArray()
                )
        );
    }
}
