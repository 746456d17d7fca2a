using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace OpenClaw.Benchmarks;

/// <summary>
/// Namespaces, processes, sockets, clients and settings that come and go beside an exporter. Each kind has a pause
/// between two of them.
/// </summary>
/// <param name="folder">The folder of the settings.</param>
/// <param name="exporter">The address of the exporter.</param>
sealed class Churn(TemporaryFolder folder, IPEndPoint exporter)
{
    const int NamespacesAtOnce = 8;
    const int ProcessesAtOnce = 50;
    const int ConnectionsAtOnce = 500;

    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Web settings: two that are right, then half an edit, nested aliases, one alias that is its own key, and nothing.
    /// </summary>
    static readonly string[] WebSettings =
    [
        "http_server_config:\n  headers: { X-Frame-Options: deny }\n",
        "rate_limit: { interval: 10us, burst: 1000 }\n",
        "http_server_config:\n  headers: { X-Fra",
        "a: &a [1]\nb: &b [*a, *a, *a]\n? [*b, *b]\n: x\n",
        "? &a [*a]\n: x\n",
        "",
    ];

    /// <summary>Service files of OpenClaw: right ones, one with a wrong number, and no YAML.</summary>
    static readonly string[] ServiceSettings =
    [
        "network:\n  max_connections: 500\nmax-open-files: 65536\n",
        "network: { max_connections: 7, port: 8080 }\n",
        "network:\n  max_connections: -1\n",
        "{{{",
    ];

    static readonly string[] Requests =
    [
        "",
        "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n",
        "GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        "\0\0\0\0",
    ];

    /// <summary>The file of the exporter's web settings.</summary>
    public string WebFile { get; } = folder.Write("web.yml", WebSettings[0]);

    /// <summary>The pattern of the service files.</summary>
    public string ServiceFiles { get; } = folder.PathOf("services/*.yml");

    /// <summary>The namespaces that have come and gone.</summary>
    public int Namespaces { get; private set; }

    /// <summary>The processes that have come and gone, those of the namespaces not included.</summary>
    public int Processes { get; private set; }

    /// <summary>The connections that have come and gone.</summary>
    public int Connections { get; private set; }

    /// <summary>The clients that sent nothing, half a request, or went away before the answer.</summary>
    public int Clients { get; private set; }

    /// <summary>The files with settings that were written.</summary>
    public int Settings { get; private set; }

    /// <summary>Lets all of them come and go until then, and ends those that are left.</summary>
    public Task RunAsync(CancellationToken over) =>
        Task.WhenAll(
            RepeatAsync(NamespacesAsync, over),
            RepeatAsync(ProcessesAsync, over),
            RepeatAsync(ConnectionsAsync, over),
            RepeatAsync(ClientsAsync, over),
            RepeatAsync(SettingsAsync, over)
        );

    static async Task RepeatAsync(Func<Task> change, CancellationToken over)
    {
        await Task.Yield();
        while (!over.IsCancellationRequested)
        {
            await change();
            await Task.Delay(Pause, CancellationToken.None);
        }
    }

    /// <summary>Makes namespaces, each for some tenths of a second.</summary>
    async Task NamespacesAsync()
    {
        var held = new List<Process>();
        for (var i = 0; i < NamespacesAtOnce; i++, Namespaces++)
        {
            string[] command =
            [
                .. (string[])["--net", "--kill-child", "--fork", "sh", "-c"],
                $"ip link set lo up; sleep 0.{Random.Shared.Next(1, 9)}",
            ];
            held.Add(ChildProcess.Start(new("unshare", command)));
        }

        await EndAsync(held);
    }

    /// <summary>Starts processes whose names look like those of Gateways after exec().</summary>
    async Task ProcessesAsync()
    {
        var held = new List<Process>();
        for (var i = 0; i < ProcessesAtOnce; i++, Processes++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"openclaw-gateway-{Processes % 1000}");
            held.Add(ChildProcess.Start(new("bash", ["-c", $"exec -a {name} sleep 0.{Random.Shared.Next(1, 9)}"])));
        }

        await EndAsync(held);
    }

    /// <summary>Opens connections to a listener that is new each time; half of them end with a reset.</summary>
    async Task ConnectionsAsync()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(ConnectionsAtOnce);
        var open = new List<Socket>();
        for (var i = 0; i < ConnectionsAtOnce; i++, Connections++)
        {
            var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
            {
                LingerState = new(i % 2 == 0, 0),
            };
            open.Add(client);
            try
            {
                await client.ConnectAsync(listener.LocalEndPoint!);
            }
            catch (SocketException)
            {
                // No port is left: TIME_WAIT holds those of the connections that were closed.
                break;
            }
        }

        await Task.Delay(Pause);
        open.ForEach(static socket => socket.Dispose());
    }

    /// <summary>Comes as a client that is no scraper, and leaves without a word.</summary>
    async Task ClientsAsync()
    {
        var open = new List<Socket>();
        foreach (var request in Requests)
        {
            var client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            open.Add(client);
            try
            {
                client.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.2"), 0));
                await client.ConnectAsync(exporter);
                _ = await client.SendAsync(System.Text.Encoding.ASCII.GetBytes(request));
                Clients++;
            }
            catch (SocketException)
            {
                // No port is left, or the exporter needed the place for another client.
            }
        }

        await Task.Delay(Random.Shared.Next(200));
        open.ForEach(static socket => socket.Dispose());
    }

    /// <summary>Writes the web settings, and writes or deletes service files.</summary>
    Task SettingsAsync()
    {
        var text = Settings++ % 2 == 0 ? WebSettings[0] : Pick(WebSettings);
        File.WriteAllText(WebFile, text);
        var service = string.Create(CultureInfo.InvariantCulture, $"services/{Settings % 5}.yml");
        if (Random.Shared.Next(4) == 0)
            File.Delete(folder.PathOf(service));
        else
            folder.Write(service, Pick(ServiceSettings));
        return Task.CompletedTask;
    }

    static string Pick(string[] texts) => texts[Random.Shared.Next(texts.Length)];

    static async Task EndAsync(List<Process> processes)
    {
        foreach (var process in processes)
        {
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }
}
