using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace OpenClaw.KernelTests;

/// <summary>The published exporter in its own namespace, with a web configuration from the test.</summary>
sealed class GuardedExporter : IDisposable
{
    readonly ConcurrentQueue<string> _log = [];

    GuardedExporter(Process process)
    {
        Process = process;
        process.ErrorDataReceived += (_, line) => _log.Enqueue(line.Data ?? "");
        process.BeginErrorReadLine();
    }

    /// <summary>The address on which it serves.</summary>
    public static IPEndPoint Endpoint { get; } = new(IPAddress.Loopback, PublishedExporter.Port);

    public required PrivateNamespace Netns { get; init; }

    public required TemporaryFolder Folder { get; init; }

    public Process Process { get; }

    /// <summary>Everything logged so far.</summary>
    public string Log => string.Join('\n', _log);

    /// <summary>Starts the exporter and waits until it listens.</summary>
    /// <param name="write">Writes the exporter's files and returns the path of the web configuration.</param>
    /// <param name="flags">Further flags.</param>
    public static async Task<GuardedExporter> StartAsync(Func<TemporaryFolder, string> write, params string[] flags)
    {
        var netns = new PrivateNamespace();
        var folder = new TemporaryFolder();
        var file = folder.Write("web.yml", write(folder));
        var exporter = new GuardedExporter(
            netns.Start(
                new(
                    Repository.PublishedExporter,
                    [$"--web.listen-address={Endpoint}", $"--web.config.file={file}", "--netns=self", .. flags]
                )
                {
                    RedirectStandardError = true,
                }
            )
        )
        {
            Netns = netns,
            Folder = folder,
        };
        await Polling.UntilAsync("the exporter listens", () =>
        {
            Assert.False(exporter.Process.HasExited, exporter.Log);
            return Task.FromResult(exporter.Log.Contains("Listening", StringComparison.Ordinal));
        });
        return exporter;
    }

    /// <summary>A client over plain HTTP, or over TLS that trusts one authority.</summary>
    /// <param name="authority">The trusted authority; null for plain HTTP.</param>
    /// <param name="certificate">The client certificate.</param>
    /// <param name="sent">The authorities whose certificates the client sends along.</param>
    public HttpClient Client(
        TestAuthority? authority = null,
        (string Certificate, string Key)? certificate = null,
        params TestAuthority[] sent
    )
    {
        var tls = new SslClientAuthenticationOptions();
        if (authority is not null)
        {
            tls.CertificateChainPolicy = new()
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            tls.CertificateChainPolicy.CustomTrustStore.Add(authority.Certificate);
        }

        if (certificate is var (file, key))
        {
            tls.ClientCertificateContext = SslStreamCertificateContext.Create(
                X509Certificate2.CreateFromPemFile(file, key),
                [.. sent.Select(static one => one.Certificate)],
                offline: true
            );
        }

        var client = Netns.HttpClient(tls);
        client.BaseAddress = new($"{(authority is null ? "http" : "https")}://{Endpoint}");
        return client;
    }

    /// <summary>The status of an answer to a user with a password.</summary>
    public static async Task<HttpStatusCode> AskAsync(
        HttpClient client,
        string path,
        string? user = null,
        string? password = null
    )
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (user is not null)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue(
                "Basic",
                Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"))
            );
        }

        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return response.StatusCode;
    }

    public void Dispose()
    {
        Netns.Dispose();
        Folder.Dispose();
    }
}
