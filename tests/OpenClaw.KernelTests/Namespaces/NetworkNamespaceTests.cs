using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.KernelTests;

/// <summary>
/// The search for network namespaces. A tree of links to real processes replaces /proc, since other processes come and
/// go there.
/// </summary>
public sealed class NetworkNamespaceTests : IDisposable
{
    readonly TemporaryFolder _folder = new();
    readonly Dictionary<int, string> _processes = [];

    [Fact]
    public void Each_is_found_once_by_its_inode()
    {
        using var one = new PrivateNamespace();
        using var other = new PrivateNamespace();
        Process(1, one);
        Process(2, one);
        Process(3, other);
        _folder.Write("proc/stat", "");

        Assert.Equal(3, Found().All.Length);
        Assert.Equal(2, Found().All.Single(netns => netns.Inode == InodeOf(one)).Processes);

        // There are three kinds of names: of a namespace with a process, of a namespace without one, and a stale name.
        File.CreateSymbolicLink(Named("second"), _processes[3]);
        var first = _processes[1];
        Directory.Delete(_folder.PathOf("proc/1"), recursive: true);
        Directory.Delete(_folder.PathOf("proc/2"), recursive: true);
        Assert.Equal(["self", "second"], Found().All.Select(static netns => netns.Name));
        File.CreateSymbolicLink(Named("one"), first);
        File.WriteAllText(Named("stale"), "");
        Assert.Equal(["self", "one", "second"], Found().All.Select(static netns => netns.Name));

        // The kernel counts the closed netlink sockets of a namespace until their RCU period ends.
        NetworkNamespace[] abandoned = [];
        Assert.True(
            SpinWait.SpinUntil(
                () => (abandoned = [.. Found().All.Where(static netns => netns.Abandoned is not null)]).Length > 0,
                TimeSpan.FromSeconds(10)
            ),
            "none is abandoned"
        );
        Assert.Equal(
            [("one", (int?)null, (ulong?)InodeOf(one))],
            abandoned.Select(static netns => (netns.Name, netns.Pid, netns.Inode))
        );
    }

    [Theory]
    [InlineData("0::/system.slice/docker-ID.scope", "IDSHORT")]
    [InlineData("0::/machine.slice/libpod-ID.scope/container", "IDSHORT")]
    [InlineData("12:pids:/docker/ID\n0::/", "IDSHORT")]
    [InlineData(
        "0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod01234567_89ab_cdef_0123_456789abcdef.slice"
            + "/cri-containerd-ID.scope",
        "pod01234567-89ab-cdef-0123-456789abcdef"
    )]
    [InlineData(
        "0::/kubepods/besteffort/pod01234567-89ab-cdef-0123-456789abcdef/ID",
        "pod01234567-89ab-cdef-0123-456789abcdef"
    )]
    [InlineData(
        "0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod01234567_89ab_cdef_0123_456789abcdef.slice"
            + "/crio-ID.scope",
        "pod01234567-89ab-cdef-0123-456789abcdef"
    )]
    [InlineData("0::/machine.slice/crio-ID.scope", "IDSHORT")]
    [InlineData("0::/machine.slice/machine-web.scope", "machine-web.scope")]
    [InlineData("0::/machine.slice/systemd-nspawn@web.service/payload", "systemd-nspawn@web.service")]
    [InlineData("0::/system.slice/private.service", "private.service")]
    [InlineData("0::/user.slice/user-0.slice/session-1.scope", "INODE")]
    [InlineData("0::/", "INODE")]
    public void Its_name_is_that_of_its_owner(string cgroup, string name)
    {
        const string Id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
        using var netns = new PrivateNamespace();
        Process(1, netns);
        _folder.Write("proc/1/cgroup", cgroup.Replace("ID", Id, StringComparison.Ordinal) + "\n");

        Assert.Equal(
            name.Replace("IDSHORT", Id[..12], StringComparison.Ordinal)
                .Replace("INODE", $"{InodeOf(netns)}", StringComparison.Ordinal),
            Found().All[1].Name
        );
    }

    [Fact]
    public void Twins_are_told_apart()
    {
        using var one = new PrivateNamespace();
        using var other = new PrivateNamespace();
        Process(1, one);
        Process(2, other);
        _folder.Write("proc/1/cgroup", "0::/a/web.service\n");
        _folder.Write("proc/2/cgroup", "0::/b/web.service\n");

        Assert.Equal(
            [.. new[] { InodeOf(one), InodeOf(other) }.Order().Select(static inode => $"web.service@{inode}")],
            Found().All.Skip(1).Select(static netns => netns.Name)
        );
    }

    /// <summary>
    /// A shell that was moved there by nsenter may have any process id, and stays in the cgroup of its session.
    /// </summary>
    [Fact]
    public void A_container_is_whose_its_own_processes_are()
    {
        const string Id = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
        using var netns = new PrivateNamespace();
        Process(7, netns);
        Process(8, netns);
        Process(9, netns);
        _folder.Write("proc/7/cgroup", "0::/user.slice/user-0.slice/session-1.scope\n");
        _folder.Write("proc/8/cgroup", $"0::/system.slice/docker-{Id}.scope\n");
        _folder.Write("proc/9/cgroup", $"0::/system.slice/docker-{Id}.scope\n");

        var found = Found().All[1];

        Assert.Equal((Id[..12], 8, Id, 3), (found.Name, found.Pid, found.Owner.Container, found.Processes));
    }

    /// <summary>Names with another meaning in the label netns.</summary>
    [Theory]
    [InlineData("self")]
    [InlineData("host")]
    [InlineData("other")]
    [InlineData("unknown")]
    public void A_name_that_is_taken_gets_its_inode(string name)
    {
        using var netns = new PrivateNamespace();
        Process(1, netns);
        File.CreateSymbolicLink(Named(name), _processes[1]);

        Assert.Equal($"{name}@{InodeOf(netns)}", Found().All[1].Name);
    }

    /// <summary>
    /// A pod is named by its host name. While the pod is being created it still has the machine's host name.
    /// </summary>
    [Fact]
    public async Task A_pod_is_called_by_its_host_name_once_it_has_one()
    {
        const string Uid = "01234567-89ab-cdef-0123-456789abcdef";
        using var netns = new PrivateNamespace();
        Process(1, netns);
        _folder.Write("proc/1/cgroup", $"0::/kubepods/besteffort/pod{Uid}/x\n");
        File.CreateSymbolicLink(_folder.PathOf("proc/1/ns/uts"), "/proc/self/ns/uts");
        var proc = new ProcMount(_folder.PathOf("proc"));
        Prepare();
        ImmutableArray<Reader> readers =
        [
            new ProcessTableReader(proc, new Regex("openclaw"), TimeProvider.System),
            new NetworkNamespacesReader(proc, _folder.PathOf(""), wholeHost: true, TimeProvider.System),
        ];
        string NameNow() =>
            SamplingPass
                .Read<NetworkNamespaces>(readers, Deadline.After(TimeSpan.FromSeconds(30)))
                .Value.All.Single(static found => !found.IsOwn)
                .Name;

        // Process 1 would be in the host's namespace.
        Directory.Move(_folder.PathOf("proc/1"), _folder.PathOf("proc/2"));
        Assert.Equal("pod" + Uid, NameNow());
        var renamed = netns.Start(new("unshare", ["--uts", "sh", "-c", "hostname web-7d9f && exec sleep 60"]));
        await Polling.UntilAsync("the process has its own host name", () =>
            Task.FromResult(File.ReadAllText($"/proc/{renamed.Id}/comm") == "sleep\n")
        );
        File.Delete(_folder.PathOf("proc/2/ns/uts"));
        File.CreateSymbolicLink(_folder.PathOf("proc/2/ns/uts"), $"/proc/{renamed.Id}/ns/uts");

        Assert.Equal("web-7d9f", NameNow());
    }

    [Fact]
    public void An_abandoned_one_ages()
    {
        using var netns = new PrivateNamespace();
        using var other = new PrivateNamespace();
        Process(1, netns);
        Process(3, other);
        File.CreateSymbolicLink(Named("left"), _processes[1]);
        Prepare();
        Directory.Delete(_folder.PathOf("proc/1"), recursive: true);
        var clock = new SteppedClock();
        var proc = new ProcMount(_folder.PathOf("proc"));
        _folder.Write("proc/stat", "");
        ImmutableArray<Reader> readers =
        [
            new ProcessTableReader(proc, new Regex("openclaw"), TimeProvider.System),
            new NetworkNamespacesReader(proc, _folder.PathOf(""), wholeHost: false, clock),
        ];
        TimeSpan? Age() =>
            SamplingPass
                .Read<NetworkNamespaces>(readers, Deadline.After(TimeSpan.FromSeconds(30)))
                .Value.All.Single(static found => found.Name == "left")
                .Abandoned;

        // The kernel counts the netlink socket that set lo up until an RCU period ends (deferred_put_nlk_sk).
        SpinWait.SpinUntil(() => Age() is not null, TimeSpan.FromSeconds(10));
        Assert.Equal(TimeSpan.Zero, Age());
        clock.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(TimeSpan.FromMinutes(5), Age());

        // A process enters the namespace and leaves it again, so its age restarts.
        Process(2, netns);
        Assert.Null(Age());
        Directory.Delete(_folder.PathOf("proc/2"), recursive: true);
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(TimeSpan.Zero, Age());
    }

    /// <summary>A process elsewhere may use a socket that was opened inside, also one without a port.</summary>
    [Theory]
    [InlineData("listening")]
    [InlineData("bound")]
    [InlineData("unbound")]
    [InlineData("unix")]
    public async Task A_socket_that_was_passed_out_keeps_its_namespace_in_use(string kind)
    {
        using var netns = new PrivateNamespace();
        using var other = new PrivateNamespace();
        Process(1, netns);
        Process(3, other);
        File.CreateSymbolicLink(Named("left"), _processes[1]);
        Directory.Delete(_folder.PathOf("proc/1"), recursive: true);
        _folder.Write("proc/stat", "");
        var socket = netns.Run(() => Open(kind));
        try
        {
            Assert.Null(Left().Abandoned);
            Assert.False(Left().MayBeAbandoned);
        }
        finally
        {
            socket.Dispose();
        }

        // The kernel counts a listening socket until the readers of its lists are done (SOCK_RCU_FREE).
        await Polling.UntilAsync("the namespace is left", () => Task.FromResult(Left().Abandoned is not null));

        NetworkNamespace Left() => Found().All.Single(static found => found.Name == "left");
    }

    static Socket Open(string kind)
    {
        if (kind == "unix")
            return new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        if (kind != "unbound")
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        if (kind == "listening")
            socket.Listen();
        return socket;
    }

    [Fact]
    public void A_namespace_whose_sockets_cannot_be_counted_is_not_judged()
    {
        using var netns = new PrivateNamespace();
        using var other = new PrivateNamespace();
        Process(1, netns);
        Process(3, other);
        File.CreateSymbolicLink(Named("left"), _processes[1]);
        Directory.Delete(_folder.PathOf("proc/1"), recursive: true);
        _folder.Write("proc/stat", "");
        Prepare();
        File.Delete(_folder.PathOf("proc/thread-self/net"));

        var left = Read(_folder.PathOf("proc")).Value.All.Single(static found => found.Name == "left");

        Assert.Null(left.Abandoned);
        Assert.True(left.MayBeAbandoned);
    }

    [Fact]
    public void Without_procfs_there_is_none() =>
        Assert.Equal(Absence.Failed, Read(_folder.PathOf("nothing")).Missing?.Reason);

    public void Dispose() => _folder.Dispose();

    /// <summary>Starts a process in a namespace and shows it with a process id of the test's choice.</summary>
    void Process(int pid, PrivateNamespace netns)
    {
        _processes[pid] = $"/proc/{netns.Start(new("sleep", "60")).Id}/ns/net";
        _folder.Write($"proc/{pid}/comm", "sleep\n");
        _folder.Write($"proc/{pid}/fd/0", "");
        _folder.Write($"proc/{pid}/cmdline", "sleep\0");
        Directory.CreateDirectory(_folder.PathOf($"proc/{pid}/ns"));
        File.CreateSymbolicLink(_folder.PathOf($"proc/{pid}/ns/net"), _processes[pid]);
    }

    string Named(string name)
    {
        Directory.CreateDirectory(_folder.PathOf("run/netns"));
        return _folder.PathOf("run/netns/" + name);
    }

    static ulong InodeOf(PrivateNamespace netns) =>
        netns.Run(static () => FileIdentity.Read("/proc/thread-self/ns/net").Value.Inode);

    NetworkNamespaces Found()
    {
        Prepare();
        return Read(_folder.PathOf("proc")).Value;
    }

    void Prepare()
    {
        Directory.CreateDirectory(_folder.PathOf("proc/thread-self/ns"));
        if (!File.Exists(_folder.PathOf("proc/thread-self/ns/net")))
        {
            File.CreateSymbolicLink(_folder.PathOf("proc/thread-self/ns/net"), "/proc/self/ns/net");
            File.CreateSymbolicLink(_folder.PathOf("proc/thread-self/net"), "/proc/thread-self/net");
        }
    }

    Reading<NetworkNamespaces> Read(string proc)
    {
        var mount = new ProcMount(proc);
        ImmutableArray<Reader> readers =
        [
            new ProcessTableReader(mount, new Regex("openclaw"), TimeProvider.System),
            new NetworkNamespacesReader(mount, _folder.PathOf(""), wholeHost: false, TimeProvider.System),
        ];
        return SamplingPass.Read<NetworkNamespaces>(readers, Deadline.After(TimeSpan.FromSeconds(30)));
    }
}
