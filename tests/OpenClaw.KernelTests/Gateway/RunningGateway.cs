namespace OpenClaw.KernelTests;

/// <summary>A real Gateway that is ready, with an exporter beside it that has found it without a flag.</summary>
public sealed class RunningGateway : IDisposable
{
    /// <summary>The port of the Gateway.</summary>
    public const int Port = 18789;

    readonly PrivateNamespace _netns = new();
    readonly TemporaryFolder _home = new();
    Task<(PrivateNamespace Netns, PublishedExporter Exporter, RealGateway Gateway)>? _started;
    PublishedExporter? _exporter;

    public void Dispose()
    {
        _exporter?.Dispose();
        _netns.Dispose();
        _home.Dispose();
    }

    /// <summary>Starts both at the first call. It skips the test where the Gateway is not installed.</summary>
    internal Task<(PrivateNamespace Netns, PublishedExporter Exporter, RealGateway Gateway)> GetAsync() =>
        _started ??= StartAsync();

    async Task<(PrivateNamespace Netns, PublishedExporter Exporter, RealGateway Gateway)> StartAsync()
    {
        _exporter = await PublishedExporter.StartAsync(_netns, "--sampling.max-age=100ms");
        var gateway = RealGateway.StartAlone(_netns, _home, Port);
        await RealGateway.ReadyAsync(_exporter);
        return (_netns, _exporter, gateway);
    }
}
