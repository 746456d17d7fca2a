using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;

namespace OpenClaw.KernelTests;

/// <summary>
/// The command demo as uid 65534: its troubles as a client outside its namespace sees them, and its end.
/// </summary>
public sealed class DemoTests
{
    static readonly string[] AsNobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--"];

    [Fact]
    public async Task As_nobody_it_shows_each_trouble_and_leaves_nothing_behind()
    {
        using var netns = new PrivateNamespace();
        using var folder = PublicCopy(out var program);
        var address = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{PublishedExporter.Port}");
        string[] command =
        [
            .. AsNobody,
            program,
            "demo",
            "--each=1500ms",
            $"--web.listen-address={address}",
            "--sampling.max-age=200ms",
        ];
        HolderProgram.Start(netns, "outside", ["files 45"], ["prlimit", "--nofile=50:50", .. AsNobody[..^1]]);
        var demo = netns.Start(
            new(command[0], command[1..]) { RedirectStandardError = true, RedirectStandardOutput = true }
        );
        var output = demo.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var log = demo.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        using var client = netns.HttpClient();
        client.BaseAddress = new("http://" + address);

        var seen = new Dictionary<string, JsonElement>();
        await Polling.UntilAsync(
            "each trouble shows",
            async () =>
            {
                // Its holder may come a second after a problem.
                foreach (var problem in await ProblemsAsync(client))
                {
                    var name = problem.GetProperty("name").GetString()!;
                    if (!seen.TryGetValue(name, out var first) || first.GetProperty("holders").GetArrayLength() == 0)
                        seen[name] = problem;
                }

                return seen.Count >= 5 && seen.ContainsKey("time_wait_sockets");
            },
            TimeSpan.FromSeconds(60)
        );

        string[] expected =
        [
            "ephemeral_connect_ports",
            "ephemeral_bind_ports",
            "process_file_descriptors",
            "accept_queue_connections",
            "time_wait_sockets",
        ];
        Assert.Empty(expected.Except(seen.Keys));

        // The trouble of a process outside is no part of the demonstration.
        Assert.DoesNotContain(
            "outside",
            await client.GetStringAsync("/api/v1/diagnosis", TestContext.Current.CancellationToken),
            StringComparison.Ordinal
        );
        var ports = seen["ephemeral_connect_ports"];
        Assert.Matches(
            @"^openclaw-demo \(pid \d+\) holds 1[0-9]+ of 200 ports to 127\.0\.0\.1:8443$",
            ports.GetProperty("headline").GetString()
        );
        Assert.Matches("^1[0-9]+ idle, none in TIME_WAIT$", ports.GetProperty("kind").GetString());
        Assert.StartsWith(
            "DEMO: ",
            await client.GetStringAsync("/", TestContext.Current.CancellationToken),
            StringComparison.Ordinal
        );
        using var html = new HttpRequestMessage(HttpMethod.Get, "/") { Headers = { { "Accept", "text/html" } } };
        using var page = await client.SendAsync(html, TestContext.Current.CancellationToken);
        Assert.Contains(
            "<p class=\"banner\" role=\"note\">DEMO: ",
            await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
            StringComparison.Ordinal
        );

        // The commands reach it from outside, and a second one does not share its port.
        string[] own = [.. AsNobody[1..], program];
        var flag = $"--web.listen-address={address}";
        var history = netns.Command(AsNobody[0], [.. own, "history", flag]);
        Assert.Contains("Ephemeral connect ports", history, StringComparison.Ordinal);
        Assert.Contains(
            ": DEMO: ",
            netns.Command("sh", "-c", $"{string.Join(' ', AsNobody)} {program} top --once {flag} || true"),
            StringComparison.Ordinal
        );
        var second = Assert.Throws<InvalidOperationException>(() => netns.Command(AsNobody[0], [.. own, "demo", flag]));
        Assert.Contains(
            $"cannot listen on {address}: Address already in use",
            second.Message,
            StringComparison.Ordinal
        );

        // The namespace is not that of the caller, whose range and sockets do not change.
        Assert.Contains("32768", netns.Command("sysctl", "net.ipv4.ip_local_port_range"), StringComparison.Ordinal);
        Assert.DoesNotContain(":8443", netns.Command("ss", "-Htan"), StringComparison.Ordinal);
        Assert.NotEmpty(Processes(program));

        netns.Command("kill", "-TERM", demo.Id.ToString(CultureInfo.InvariantCulture));
        await demo.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, demo.ExitCode);
        await Polling.UntilAsync(
            "all processes end",
            () => Task.FromResult(Processes(program).Count == 0),
            TimeSpan.FromSeconds(10)
        );
        Assert.Matches(
            $"(?s)^DEMO: .*page +http://{address}/.*top {flag}.*DEMO .* ports: 198 of 200 .*time_wait: ",
            await output
        );
        Assert.DoesNotContain("   at ", await log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_says_in_one_line_that_user_namespaces_are_forbidden()
    {
        using var netns = new PrivateNamespace();
        using var folder = PublicCopy(out var program);
        const string forbid = "echo 0 >/proc/sys/user/max_user_namespaces && exec \"$0\" demo";
        var demo = netns.Start(
            new("unshare", ["--user", "--map-root-user", "sh", "-c", forbid, program]) { RedirectStandardError = true }
        );

        var complaint = await demo.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await demo.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal(69, demo.ExitCode);
        Assert.Equal(
            "openclaw-exporter: demo needs a user namespace of its own, which is refused here: "
                + "unshare(CLONE_NEWUSER | CLONE_NEWNET): No space left on device\n",
            complaint
        );
        Assert.Empty(Processes(program));
    }

    /// <summary>Returns the problems; none before the first answer.</summary>
    static async Task<IReadOnlyList<JsonElement>> ProblemsAsync(HttpClient client)
    {
        try
        {
            var json = await client.GetStringAsync("/api/v1/diagnosis", TestContext.Current.CancellationToken);
            return
            [
                .. JsonDocument
                    .Parse(json)
                    .RootElement.GetProperty("problems")
                    .EnumerateArray()
                    .Where(static problem => problem.GetProperty("phase").GetString() != "over"),
            ];
        }
        catch (HttpRequestException error) when (error.InnerException is SocketException)
        {
            return [];
        }
    }

    /// <summary>Copies the binary to where every user may read it.</summary>
    static TemporaryFolder PublicCopy(out string program)
    {
        var folder = new TemporaryFolder();
        program = folder.PathOf("openclaw-exporter");
        File.Copy(Repository.PublishedExporter, program);
        File.SetUnixFileMode(
            Path.GetDirectoryName(program)!,
            UnixFileMode.UserRead
                | UnixFileMode.UserWrite
                | UnixFileMode.UserExecute
                | UnixFileMode.OtherRead
                | UnixFileMode.OtherExecute
        );
        File.SetUnixFileMode(
            program,
            UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute
        );
        return folder;
    }

    /// <summary>Returns the processes that run a program, without those that ended.</summary>
    static List<int> Processes(string program) =>
        [.. Process.GetProcesses().Select(static process => process.Id).Where(id => FileOf(id) == program)];

    /// <summary>Returns the program of a process; empty where it ended or is another user's.</summary>
    static string FileOf(int pid)
    {
        try
        {
            return File.ResolveLinkTarget($"/proc/{pid}/exe", false)?.FullName ?? "";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
