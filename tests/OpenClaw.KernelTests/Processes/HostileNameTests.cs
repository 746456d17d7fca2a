using System.Diagnostics;
using System.Globalization;
using OpenClaw.Kernel.Cgroups;
using OpenClaw.Kernel.Text;

namespace OpenClaw.KernelTests;

/// <summary>
/// Names that anybody can choose must not break the page. The test runs in a PID namespace, where no other program's
/// process is watched.
/// </summary>
public class HostileNameTests
{
    [Fact]
    public async Task Quotes_newlines_backslashes_and_broken_UTF8_pass_promtool()
    {
        var promtool = InstalledProgram.Find("promtool");
        using var netns = new PrivateNamespace();
        var beside = PrivateProcesses.Start(netns);
        netns.Command("ip", "link", "add", "br\"0\\x-15-bytes", "type", "bridge");
        netns.Command("ip", "link", "add", "v\"0", "type", "veth", "peer", "name", "v\\1");
        netns.Command("ip", "link", "set", "v\"0", "master", "br\"0\\x-15-bytes");
        netns.Command("bash", "-c", @"for b in $'\xffa' $'\xfea'; do ip link add ""$b"" type bridge; done");
        using var cgroup = new PrivateCgroup("a\"b\\c");
        cgroup.Listen(netns, 9201, connections: 1);
        using var broken = new BrokenCgroup(netns, 9202);

        // The command line contains the script, which makes it a watched process.
        foreach (var name in (string[])["a\"b", "a\\\\b", "\\xff\\xfe", "fifteen-bytes-x"])
        {
            var process = netns.Start(
                new(
                    beside[0],
                    [.. beside.Skip(1), "bash", "-c", $"printf '{name}' > /proc/self/comm; echo ready; read # openclaw"]
                )
                {
                    RedirectStandardInput = true,
                    RedirectStandardOutput = true,
                }
            );
            Assert.Equal("ready", await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        }

        // bash writes line by line, which would leave only the last line as the name.
        using var folder = new TemporaryFolder();
        var sleep = folder.CopyProgram(InstalledProgram.Find("sleep"), "a\nb");
        netns.Start(new(beside[0], [.. beside.Skip(1), sleep, "60"]));

        using var exporter = await PublishedExporter.StartBehindAsync(netns, beside);
        var page = await exporter.ScrapeAsync();

        foreach (var label in (string[])["a\\\"b", "a\\\\b", "a\\nb", "\\\\xff\\\\xfe", "fifteen-bytes-x"])
        {
            Assert.Contains(
                $"process_file_descriptors{{netns=\"self\",process=\"{label}\"}} ",
                page,
                StringComparison.Ordinal
            );
        }

        Assert.Contains(
            "bridge_ports{netns=\"self\",bridge=\"br\\\"0\\\\x-15-bytes\"} 1\n",
            page,
            StringComparison.Ordinal
        );
        foreach (var bridge in (string[])["\\\\xffa", "\\\\xfea"])
            Assert.Contains($"bridge_ports{{netns=\"self\",bridge=\"{bridge}\"}} 0\n", page, StringComparison.Ordinal);
        var path = cgroup
            .Path.Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\"", "\\\"", StringComparison.Ordinal);
        Assert.Contains(
            $"cgroup_tcp_sockets{{cgroup=\"{path}\",state=\"listen\"}} 1\n",
            page,
            StringComparison.Ordinal
        );
        Assert.Contains("cgroup_tcp_sockets{cgroup=\"unknown\",state=\"listen\"} 1\n", page, StringComparison.Ordinal);
        await InstalledProgram.SucceedsAsync(promtool, page, "check", "metrics");
    }

    /// <summary>
    /// A cgroup with a name that is not UTF-8, and a listener in it. A newline is impossible: the kernel refuses it.
    /// </summary>
    sealed class BrokenCgroup : IDisposable
    {
        readonly string _name =
            $"{CgroupMount.Find(new ProcMount()).Value}/openclaw-test-"
            + $"{Environment.ProcessId.ToString(CultureInfo.InvariantCulture)}-";
        readonly Process _listener;

        public BrokenCgroup(PrivateNamespace netns, int port)
        {
            _listener = netns.Start(
                new(
                    "bash",
                    [
                        "-c",
                        $"""
                        mkdir {_name}$'\xff' && echo $$ > {_name}$'\xff'/cgroup.procs && exec perl -MIO::Socket::INET -e '
                        my $s = IO::Socket::INET->new(LocalPort => {port}, Listen => 5) or die; $| = 1; print "ready\n"; <STDIN>'
                        """,
                    ]
                )
                {
                    RedirectStandardInput = true,
                    RedirectStandardOutput = true,
                }
            );
            Assert.Equal("ready", _listener.StandardOutput.ReadLine());
        }

        public void Dispose()
        {
            _listener.Kill();
            _listener.WaitForExit();
            using var remove = ChildProcess.Start(
                new("bash", ["-c", $"for i in 1 2 3 4 5 6 7 8 9; do rmdir {_name}$'\xff' && break; sleep 0.1; done"])
            );
            remove.WaitForExit();
        }
    }
}
