using System.Net;
using System.Net.Sockets;
using OpenClaw.Exporter.Metrics;
using OpenClaw.Exporter.Problems;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Sysctls;
using OpenClaw.Kernel.Text;

namespace OpenClaw.KernelTests;

public class ConfigurationDriftTests
{
    [Fact]
    public void A_sysctl_changed_by_hand_is_not_persisted()
    {
        using var netns = new PrivateNamespace();
        using var root = new TemporaryFolder();
        Directory.CreateDirectory(root.PathOf("etc/sysctl.d"));
        root.Write(
            "etc/sysctl.d/90-openclaw.conf",
            "net.ipv4.ip_local_port_range = 40000 40099\nnet.ipv4.ip_local_reserved_ports = "
                + "40009,40001-40002,40003\nnet.core.somaxconn = 77\n"
        );
        netns.Sysctl("net.ipv4.ip_local_port_range", "40000 40099");
        netns.Sysctl("net.ipv4.ip_local_reserved_ports", "40001-40003,40009");
        netns.Sysctl("net.core.somaxconn", "77");
        Assert.Equal((true, true, true, false), Persisted());

        netns.Sysctl("net.ipv4.ip_local_port_range", "40000 40199");
        netns.Sysctl("net.ipv4.ip_local_reserved_ports", "40001-40002,40009");
        netns.Sysctl("net.core.somaxconn", "78");
        Assert.Equal((false, false, false, false), Persisted());

        // Host-wide keys do not exist in a child namespace, so they are not reported.
        Assert.DoesNotContain("net.ipv4.neigh.default.gc_thresh3", Read().Keys);

        (bool Range, bool Reserved, bool Backlog, bool TimeWait) Persisted()
        {
            var keys = Read();
            return (
                keys["net.ipv4.ip_local_port_range"],
                keys["net.ipv4.ip_local_reserved_ports"],
                keys["net.core.somaxconn"],
                keys["net.ipv4.tcp_max_tw_buckets"]
            );
        }

        IReadOnlyDictionary<string, bool> Read() =>
            netns.Run(() => PersistedSysctls.Read(new ProcMount(), root.PathOf(""), KernelReaders.Sysctls)).Value.ByKey;
    }

    /// <summary>A restart restores the value of a file, the kernel's default, or an unknown value.</summary>
    [Fact]
    public void Only_settings_that_a_restart_undoes_are_listed()
    {
        using var netns = new PrivateNamespace();
        using var root = new TemporaryFolder();
        Directory.CreateDirectory(root.PathOf("etc/sysctl.d"));
        var reader = new PersistedSysctlsReader(new ProcMount(), root.PathOf(""), KernelReaders.Sysctls);
        var buckets = netns.Run(static () => File.ReadAllText("/proc/sys/net/ipv4/tcp_max_tw_buckets")).Trim();
        Assert.Empty(Reverting());

        // A default that no file sets stays; another value does not.
        netns.Sysctl("net.ipv4.ip_local_port_range", "15000 60999");
        Assert.Equal(["net.ipv4.ip_local_port_range"], Reverting());
        root.Write(
            "etc/sysctl.d/90-openclaw.conf",
            $"net.ipv4.ip_local_port_range = 15000 60999\nnet.ipv4.tcp_max_tw_buckets = {buckets}\n"
        );
        Assert.Empty(Reverting());
        netns.Sysctl("net.ipv4.ip_local_port_range", "15000 60000");
        Assert.Equal(["net.ipv4.ip_local_port_range"], Reverting());

        // The default of the second key depends on the machine's memory.
        File.Delete(root.PathOf("etc/sysctl.d/90-openclaw.conf"));
        Assert.Equal(["net.ipv4.ip_local_port_range", "net.ipv4.tcp_max_tw_buckets"], Reverting());
        netns.Sysctl("net.ipv4.ip_local_port_range", "32768 60999");
        Assert.Equal(["net.ipv4.tcp_max_tw_buckets"], Reverting());
        root.Write(
            "etc/sysctl.d/90-openclaw.conf",
            $"net.ipv4.ip_local_port_range = 32768 60999\nnet.ipv4.tcp_max_tw_buckets = {buckets}\n"
        );
        Assert.Empty(Reverting());

        IEnumerable<string> Reverting()
        {
            var run = netns.Run(() => reader.RunHere());
            return MetricCatalogue
                .All.Single(static family => family.Name == "openclaw_network_sysctl_reverts")
                .Read(Diagnosis.Judge(new Snapshot(DateTimeOffset.UtcNow, [run])))
                .Select(static sample => sample.Labels[0]);
        }
    }

    /// <summary>Gives the same files to systemd-sysctl, which applies them at boot, and to the reader.</summary>
    [Theory]
    [InlineData("net.core.somaxconn=101")]
    [InlineData("-net/core/somaxconn = 102 ")]
    [InlineData("net.core.* = 103")]
    [InlineData("net.core.* = 104\nnet.core.somaxconn = 105\nnet.core.somax* = 106")]
    [InlineData("net.core.somaxconn = 107\n# net.core.somaxconn = 108\n; net.core.somaxconn = 109")]
    [InlineData("net.*.somaxconn = 110\nnet.core.somaxcon[m-o] = 111")]
    [InlineData("net.core.* = 112\n-net.core.somaxconn")]
    public void Files_mean_what_systemd_makes_of_them(string text)
    {
        const string program = "/lib/systemd/systemd-sysctl";
        Assert.SkipUnless(File.Exists(program), $"needs {program}");
        using var netns = new PrivateNamespace();
        using var root = new TemporaryFolder();
        foreach (var directory in new[] { "etc/sysctl.d", "usr/lib/sysctl.d" })
            Directory.CreateDirectory(root.PathOf(directory));
        root.Write("etc/sysctl.d/50-first.conf", "net.core.somaxconn = 50\n");
        root.Write("usr/lib/sysctl.d/50-first.conf", "net.core.somaxconn = 51\n");
        root.Write("usr/lib/sysctl.d/10-early.conf", "net.core.somax* = 52\n");

        // For globs the text replaces the only file that names the key: a glob does not set a key that any file names.
        root.Write(
            text.Contains('*', StringComparison.Ordinal) ? "etc/sysctl.d/50-first.conf" : "etc/sysctl.d/90-last.conf",
            text + "\n"
        );

        // The prefix restricts the program to the key that this namespace has itself.
        netns.Command(
            "unshare",
            "-m",
            "sh",
            "-c",
            "mount --bind \"$1/etc/sysctl.d\" /etc/sysctl.d && mount --bind \"$1/usr/lib/sysctl.d\" "
                + "/usr/lib/sysctl.d && exec \"$0\" --prefix=net/core/somaxconn",
            program,
            root.PathOf("")
        );

        var running = netns.Run(static () => File.ReadAllText("/proc/sys/net/core/somaxconn")).Trim();
        var configured = SysctlConfiguration.Read(root.PathOf("")).Value["net/core/somaxconn"];
        Assert.Equal(running, configured ?? "4096");
    }

    [Theory]
    [InlineData("40000 40099", "", 0, 0)]
    [InlineData("40000 40098", "", 1, 0)]
    [InlineData("32767 60999", "", 1, 1)]
    [InlineData("15000 60999", "", 0, 1)]
    [InlineData("15000 60999", "30000-32767", 0, 0)]
    public void Ranges_that_hurt_are_named(string range, string reserved, double odd, double overlap)
    {
        using var netns = new PrivateNamespace();
        netns.Sysctl("net.ipv4.ip_local_port_range", range);
        netns.Sysctl("net.ipv4.ip_local_reserved_ports", reserved);

        Assert.Equal(odd, Sample(netns, "port_range_odd"));
        Assert.Equal(overlap, Sample(netns, "node_port_range_overlap"));
    }

    [Fact]
    public void Listeners_on_ephemeral_ports_count_once_each_and_not_when_reserved()
    {
        using var netns = new PrivateNamespace();
        netns.Sysctl("net.ipv4.ip_local_port_range", "40000 40099");
        netns.Sysctl("net.ipv4.ip_local_reserved_ports", "40050");
        var listeners = new List<Socket>();
        foreach (
            var (address, port) in new[]
            {
                ("127.0.0.1", 40010),
                ("127.0.0.2", 40010),
                ("::1", 40020),
                ("0.0.0.0", 40050),
                ("0.0.0.0", 8080),
            }
        )
        {
            listeners.Add(
                netns.Run(() =>
                {
                    var endpoint = new IPEndPoint(IPAddress.Parse(address), port);
                    var listener = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
                    listener.Bind(endpoint);
                    listener.Listen();
                    return listener;
                })
            );
        }

        Assert.Equal(2, Sample(netns, "listeners_in_ephemeral_range"));
        netns.Sysctl("net.ipv4.ip_local_reserved_ports", "40050,40010");
        Assert.Equal(1, Sample(netns, "listeners_in_ephemeral_range"));
        listeners.ForEach(static listener => listener.Dispose());
    }

    static double Sample(PrivateNamespace netns, string family) =>
        Assert
            .Single(
                MetricCatalogue
                    .All.Single(candidate => candidate.Name == "openclaw_network_" + family)
                    .Read(Diagnosis.Judge(netns.SnapshotOf("ephemeral_port_settings", "tcp_sockets")))
            )
            .Value;
}
