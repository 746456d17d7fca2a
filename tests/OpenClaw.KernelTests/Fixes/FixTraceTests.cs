using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using OpenClaw.Exporter.Fixes;

namespace OpenClaw.KernelTests;

/// <summary>
/// The traces of fixes of the published binary: in the episode of the problem, in the system log, and none where the
/// fix is refused. The table of connection tracking is not here: its limit is one value for the whole machine, which
/// belongs to everyone on it. In a namespace the kernel refuses to write it, and files stand for it in FixPlanTests.
/// </summary>
public sealed class FixTraceTests : IDisposable
{
    const string Pool = "ephemeral_bind_ports";
    const string Range = "net.ipv4.ip_local_port_range";

    readonly PrivateNamespace _netns = new();
    readonly List<RawSocket> _sockets = [];

    public void Dispose()
    {
        foreach (var socket in _sockets)
            socket.Dispose();
        _netns.Dispose();
    }

    /// <summary>The exporter is not told. It reads the diary, as one without rights does, too.</summary>
    [Fact]
    public async Task The_episode_of_a_problem_names_its_fix_and_the_undo()
    {
        Fill(198);
        using var pool = NewPool();
        using var exporter = await PublishedExporter.StartAsync(_netns, [.. pool.Arguments(), "--sampling.max-age=0s"]);
        _ = await exporter.ScrapeAsync();

        await pool.SucceedsAsync("fix", Pool, "--apply", "--observe=0s");
        _ = await exporter.ScrapeAsync();
        var (episode, fixes) = await FixesAsync(exporter);
        var fix = Assert.Single(fixes);
        Assert.Equal((1, "applied"), (fix.GetProperty("fix").GetInt32(), fix.GetProperty("action").GetString()));
        Assert.StartsWith($"{Range} from '40000 40199' to '", fix.GetProperty("changes").GetString(), default);

        await pool.SucceedsAsync("fix", "--undo");
        _ = await exporter.ScrapeAsync();
        Assert.Equal(
            ["applied", "undone"],
            (await FixesAsync(exporter)).Fixes.Select(static one => one.GetProperty("action").GetString())
        );
        var printed = await pool.SucceedsAsync("history", $"{episode}");
        Assert.Contains("  fix 1           applied ", printed, StringComparison.Ordinal);
        Assert.Contains("  fix 1           undone ", printed, StringComparison.Ordinal);
        Assert.Contains("; fix 1 undone ", await PageAsync(exporter), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_system_log_has_a_line_for_the_fix_and_its_undo()
    {
        Fill(200);
        using var pool = NewPool();
        Directory.CreateDirectory(pool.Root.PathOf("dev"));
        using var log = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        log.Bind(new UnixDomainSocketEndPoint(pool.Root.PathOf("dev/log")));

        await pool.SucceedsAsync("fix", Pool, "--apply", "--observe=0s");
        await pool.SucceedsAsync("fix", "--undo");

        foreach (var action in (string[])["applied", "undone"])
        {
            Assert.True(log.Poll(TimeSpan.FromSeconds(5), SelectMode.SelectRead), action);
            var bytes = new byte[4096];
            var line = Encoding.UTF8.GetString(bytes, 0, log.Receive(bytes));
            Assert.Matches(
                $@"^<13>openclaw-exporter\[[0-9]+\]: fix 1 by \S+, Ephemeral bind ports .*, {action}: {Range} from '",
                line
            );
        }
    }

    [Fact]
    public async Task Where_proc_sys_is_read_only_nothing_changes_and_the_place_is_named()
    {
        Fill(200);
        using var pool = NewPool(
            "unshare",
            "--mount",
            "sh",
            "-c",
            "mount --bind /proc/sys /proc/sys && mount -o remount,bind,ro /proc/sys && exec \"$@\"",
            "sh"
        );
        var before = _netns.Command("sysctl", "-n", Range);

        var (code, _, errors) = await pool.RunAsync("fix", Pool, "--apply", "--observe=0s");

        Assert.Equal(77, code);
        Assert.Contains("fix: everything is as before\n", errors, StringComparison.Ordinal);
        Assert.Contains("fix: run it ", errors, StringComparison.Ordinal);
        Assert.Equal(before, _netns.Command("sysctl", "-n", Range));
        Assert.False(File.Exists(pool.Root.PathOf("etc/sysctl.d/90-openclaw.conf")));
        Assert.Empty(Directory.GetFiles(pool.Root.PathOf(FixRecords.FolderName)));
    }

    FixedPool NewPool(params IReadOnlyList<string> before)
    {
        var pool = new FixedPool(_netns, Pool, static () => "") { Before = before };
        Directory.CreateDirectory(pool.Root.PathOf("etc/sysctl.d"));
        return pool;
    }

    /// <summary>Returns the number of the pool's episode, and the fixes in it.</summary>
    static async Task<(int Number, JsonElement[] Fixes)> FixesAsync(PublishedExporter exporter)
    {
        var text = await exporter.Client.GetStringAsync("/api/v1/episodes", TestContext.Current.CancellationToken);
        var episodes = JsonDocument.Parse(text).RootElement.GetProperty("episodes").EnumerateArray();
        var episode = episodes.Single(static one => one.GetProperty("name").GetString() == Pool);
        return (episode.GetProperty("number").GetInt32(), [.. episode.GetProperty("fixes").EnumerateArray()]);
    }

    static async Task<string> PageAsync(PublishedExporter exporter)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/");
        request.Headers.Accept.ParseAdd("text/html");
        using var answer = await exporter.Client.SendAsync(request, TestContext.Current.CancellationToken);
        return await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Takes ports of 200. Without two that are free, this process itself could not scrape.</summary>
    void Fill(int ports)
    {
        _netns.Sysctl(Range, "40000 40199");
        for (var i = 0; i < ports; i++)
        {
            var socket = _netns.Run(static () => RawSocket.Open(SocketType.Stream, false));
            _sockets.Add(socket);
            Assert.Equal(0, socket.Bind(IPAddress.Any, (ushort)(40_000 + i)));
        }
    }
}
