using System.Globalization;
using System.Net;
using System.Text.Json;
using DotNet.Testcontainers.Builders;
using DotNet.Testcontainers.Containers;
using DotNet.Testcontainers.Networks;
using Microsoft.Extensions.Logging.Abstractions;

namespace OpenClaw.ContainerTests;

/// <summary>
/// An application with few ephemeral ports, and the exporter in its network namespace. The exporter has no capability,
/// no new privileges, an unprivileged user, a read-only root and 64 MB. Beside them a second application is the
/// destination of connections.
/// </summary>
sealed class Sidecar : IAsyncDisposable
{
    /// <summary>The number of ephemeral ports of the application.</summary>
    public const int Ports = 100;

    /// <summary>
    /// The first of them, above the kernel's default range. Before the engine sets the range, its resolver inside the
    /// container listens on a port of the default range. connect() takes no port that a bind() took.
    /// </summary>
    const int FirstPort = 61000;

    /// <summary>The network name of the application, and so of the exporter.</summary>
    public const string Alias = "app";

    /// <summary>The network name of the second application.</summary>
    public const string OtherAlias = "upstream";

    public const int ExporterPort = 10087;
    public const int WorkloadPort = 8080;

    const int DestinationPort = 9000;
    const long Memory = 64 * 1024 * 1024;

    readonly IContainer _other;
    readonly HttpClient _client = new();

    Sidecar()
    {
        Network = new NetworkBuilder().WithLogger(NullLogger.Instance).Build();
        Application = Workload(Alias)
            .WithName(Name)
            .WithPortBinding(ExporterPort, assignRandomHostPort: true)
            .WithCreateParameterModifier(static create =>
                create.HostConfig!.Sysctls = new Dictionary<string, string>
                {
                    ["net.ipv4.ip_local_port_range"] = string.Create(
                        CultureInfo.InvariantCulture,
                        $"{FirstPort} {FirstPort + Ports - 1}"
                    ),
                }
            )
            .Build();
        _other = Workload(OtherAlias).Build();
    }

    /// <summary>The name of the application's container.</summary>
    public string Name { get; } = $"openclaw-workload-{Guid.NewGuid():N}";

    public INetwork Network { get; }

    public IContainer Application { get; }

    public IContainer Exporter { get; private set; } = null!;

    /// <summary>The destination of the application's connections, as the exporter names it.</summary>
    public IPEndPoint Destination { get; private set; } = null!;

    /// <summary>Starts all three and waits until they answer.</summary>
    public static async Task<Sidecar> StartAsync()
    {
        await ContainerEngine.RequireAsync();
        var sidecar = new Sidecar();
        try
        {
            await sidecar.Network.CreateAsync(TestContext.Current.CancellationToken);
            await Task.WhenAll(
                sidecar.Application.StartAsync(TestContext.Current.CancellationToken),
                sidecar._other.StartAsync(TestContext.Current.CancellationToken)
            );
            sidecar.Destination = new(IPAddress.Parse(sidecar._other.IpAddress), DestinationPort);
            sidecar.Exporter = new ContainerBuilder(ContainerEngine.Exporter)
                .WithLogger(NullLogger.Instance)
                .WithCreateParameterModifier(create =>
                {
                    create.HostConfig!.NetworkMode = "container:" + sidecar.Application.Id;
                    create.HostConfig!.ReadonlyRootfs = true;
                    create.HostConfig!.CapDrop = ["ALL"];
                    create.HostConfig!.SecurityOpt = ["no-new-privileges", SeccompProfile.Sidecar];
                    create.HostConfig!.Memory = Memory;
                    create.HostConfig!.MemorySwap = Memory;
                })
                .WithWaitStrategy(Wait.ForUnixContainer().UntilMessageIsLogged("Listening"))
                .Build();
            await sidecar.Exporter.StartAsync(TestContext.Current.CancellationToken);
            return sidecar;
        }
        catch
        {
            await sidecar.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Connects the application to <see cref="Destination"/> until its kernel refuses; returns the number of
    /// connections.
    /// </summary>
    public async Task<int> ExhaustAsync()
    {
        using var answer = await _client.PutAsync(
            Address(Application, $"/connections?to={Destination}"),
            null,
            TestContext.Current.CancellationToken
        );
        return int.Parse(
            await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
            CultureInfo.InvariantCulture
        );
    }

    /// <summary>Closes those connections.</summary>
    public async Task FreeAsync()
    {
        using var answer = await _client.DeleteAsync(
            Address(Application, "/connections"),
            TestContext.Current.CancellationToken
        );
        answer.EnsureSuccessStatusCode();
    }

    /// <summary>The alerts that the second application received, oldest first.</summary>
    public async Task<IReadOnlyList<JsonElement>> PagesAsync()
    {
        var lines = await _client.GetStringAsync(Address(_other, "/pages"), TestContext.Current.CancellationToken);
        return
        [
            .. lines
                .Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .SelectMany(static line => JsonDocument.Parse(line).RootElement.GetProperty("alerts").EnumerateArray()),
        ];
    }

    /// <summary>Scrapes the exporter from outside.</summary>
    public Task<string> ScrapeAsync() =>
        _client.GetStringAsync(
            new Uri($"http://{Application.Hostname}:{Application.GetMappedPublicPort(ExporterPort)}/metrics"),
            TestContext.Current.CancellationToken
        );

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        if (Exporter is not null)
            await Exporter.DisposeAsync();
        await Application.DisposeAsync();
        await _other.DisposeAsync();
        await Network.DisposeAsync();
    }

    static Uri Address(IContainer container, string path) =>
        new($"http://{container.Hostname}:{container.GetMappedPublicPort(WorkloadPort)}{path}");

    ContainerBuilder Workload(string alias)
    {
        var builder = new ContainerBuilder(ImageNames.Sdk)
            .WithLogger(NullLogger.Instance)
            .WithNetwork(Network)
            .WithNetworkAliases(alias)
            .WithPortBinding(WorkloadPort, assignRandomHostPort: true)
            .WithEntrypoint("dotnet", "/app/OpenClaw.Workload.dll")
            .WithCreateParameterModifier(static create => create.User = "65534:65534")
            .WithWaitStrategy(
                Wait.ForUnixContainer()
                    .UntilHttpRequestIsSucceeded(static request => request.ForPort(WorkloadPort).ForPath("/pages"))
            );
        foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory, "OpenClaw.Workload.*"))
            builder = builder.WithResourceMapping(new FileInfo(file), "/app/");
        return builder;
    }
}
