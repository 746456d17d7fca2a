using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.KernelTests;

/// <summary>Asks a Gateway over TLS, at an address that is not the loopback address, with real certificates.</summary>
public sealed class GatewayCertificateTests : IDisposable
{
    const int Port = 18789;

    static readonly IPAddress Address = IPAddress.Parse("10.9.9.1");

    readonly PrivateNamespace _netns = new();
    readonly TemporaryFolder _folder = new();

    public GatewayCertificateTests() => _netns.Command("ip", "address", "add", $"{Address}/32", "dev", "lo");

    public void Dispose()
    {
        _netns.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("trusted", null)]
    [InlineData("untrusted", "its certificate is not trusted here: CN=test authority signed it")]
    [InlineData("expired", "its certificate expired on 20")]
    [InlineData("of another name", "its certificate is for 127.0.0.1, not for 10.9.9.1")]
    public async Task The_reason_for_no_answer_is_in_words(string certificate, string? reason)
    {
        using var authority = new TestAuthority(_folder);
        using var trust = certificate == "untrusted" ? null : new Trust(authority.Certificate);
        var (file, key) = authority.SignServer(
            "gateway",
            isExpired: certificate == "expired",
            address: certificate == "of another name" ? null : Address
        );
        using var server = new Server(_netns, X509Certificate2.CreateFromPemFile(file, key));
        using var client = new GatewayClient(
            new($"https://{Address}:{Port}/healthz"),
            TimeSpan.FromSeconds(10),
            open: family => _netns.Run(() => (Reading<Socket>)new Socket(family, SocketType.Stream, ProtocolType.Tcp))
        );

        var health = (await client.AskAsync(TestContext.Current.CancellationToken)).Value;

        Assert.Equal(reason is null, health.IsHealthy);
        if (reason is null)
            Assert.Null(health.NoAnswer);
        else
            Assert.Contains($"https://10.9.9.1:18789/healthz: {reason}", health.NoAnswer, StringComparison.Ordinal);
    }

    /// <summary>Adds an authority to those that the user trusts, and removes it again.</summary>
    sealed class Trust : IDisposable
    {
        readonly X509Store _store = new(StoreName.Root, StoreLocation.CurrentUser);
        readonly X509Certificate2 _authority;

        public Trust(X509Certificate2 authority)
        {
            _authority = X509CertificateLoader.LoadCertificate(authority.RawData);
            _store.Open(OpenFlags.ReadWrite);
            _store.Add(_authority);
        }

        public void Dispose()
        {
            _store.Remove(_authority);
            _store.Dispose();
            _authority.Dispose();
        }
    }

    /// <summary>Answers every request as a healthy Gateway.</summary>
    sealed class Server : IDisposable
    {
        const string Answer = "HTTP/1.1 200 OK\r\nContent-Length: 28\r\n\r\n{\"ok\":true,\"status\":\"live\"} ";

        readonly X509Certificate2 _certificate;
        readonly TcpListener _listener;

        public Server(PrivateNamespace netns, X509Certificate2 certificate)
        {
            _certificate = certificate;
            _listener = netns.Run(static () =>
            {
                var listener = new TcpListener(Address, Port);
                listener.Start();
                return listener;
            });
            _ = AcceptAsync();
        }

        public void Dispose()
        {
            _listener.Dispose();
            _certificate.Dispose();
        }

        async Task AcceptAsync()
        {
            try
            {
                while (true)
                    _ = AnswerAsync(await _listener.AcceptSocketAsync(TestContext.Current.CancellationToken));
            }
            catch (Exception error)
                when (error is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                // The test is over.
            }
        }

        async Task AnswerAsync(Socket socket)
        {
            await using var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
            try
            {
                await stream.AuthenticateAsServerAsync(_certificate);
                var buffer = new byte[4096];
                while (await stream.ReadAsync(buffer, TestContext.Current.CancellationToken) > 0)
                    await stream.WriteAsync(Encoding.ASCII.GetBytes(Answer), TestContext.Current.CancellationToken);
            }
            catch (Exception error)
                when (error is IOException or System.Security.Authentication.AuthenticationException)
            {
                // The client does not accept the certificate.
            }
        }
    }
}
