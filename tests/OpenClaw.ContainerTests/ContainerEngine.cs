using System.IO.Compression;
using Docker.DotNet;
using Docker.DotNet.Models;
using DotNet.Testcontainers.Configurations;
using DotNet.Testcontainers.Containers;

namespace OpenClaw.ContainerTests;

/// <summary>Calls the engine's own API for operations that Testcontainers lacks.</summary>
static class ContainerEngine
{
    /// <summary>The image of the repository's Dockerfile; tests/images builds it.</summary>
    public const string Exporter = "openclaw-exporter:test";

    static readonly Lazy<IDockerClient?> Client = new(static () =>
        TestcontainersSettings.OS.DockerEndpointAuthConfig?.GetDockerClientBuilder().Build()
    );

    /// <summary>
    /// Skips the test, with the reason, when there is no engine or the exporter's image was not built.
    /// </summary>
    public static async Task RequireAsync()
    {
        Assert.SkipWhen(
            Client.Value is null,
            "needs a container engine: run tests/run, or tests/engine before this program"
        );
        var images = await Client.Value!.Images.ListImagesAsync(new() { All = false }, Cancellation);
        Assert.SkipUnless(
            images.Any(static image => image.RepoTags?.Contains(Exporter) == true),
            $"needs the image {Exporter}: run tests/run, or tests/engine before this program"
        );
    }

    /// <summary>The run configuration of an image.</summary>
    public static async Task<DockerOCIImageConfig> ImageConfigurationAsync(string name) =>
        (await Running.Images.InspectImageAsync(name, Cancellation)).Config!;

    /// <summary>The layers of an image, newest first, with their sizes.</summary>
    public static async Task<IList<ImageHistoryResponse>> ImageHistoryAsync(string name) =>
        await Running.Images.GetImageHistoryAsync(name, Cancellation);

    /// <summary>The bytes of an image in a registry: compressed, its base included.</summary>
    public static async Task<long> CompressedSizeAsync(string name)
    {
        using var compressed = new MemoryStream();
        await using (var image = await Running.Images.SaveImageAsync(name, Cancellation))
        await using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
            await image.CopyToAsync(gzip, Cancellation);
        return compressed.Length;
    }

    /// <summary>The process id of a container's first process.</summary>
    public static async Task<long> ProcessAsync(IContainer container) =>
        (await Running.Containers.InspectContainerAsync(container.Id, Cancellation)).State!.Pid;

    /// <summary>The memory that a container may use, in bytes.</summary>
    public static async Task<long> MemoryLimitAsync(IContainer container) =>
        (await Running.Containers.InspectContainerAsync(container.Id, Cancellation)).HostConfig!.Memory;

    /// <summary>Ends a container's processes with SIGKILL.</summary>
    public static Task KillAsync(IContainer container) =>
        Running.Containers.KillContainerAsync(container.Id, new() { Signal = "SIGKILL" }, Cancellation);

    /// <summary>Sends SIGHUP to the first process, which reloads its configuration.</summary>
    public static Task ReloadAsync(IContainer container) =>
        Running.Containers.KillContainerAsync(container.Id, new() { Signal = "SIGHUP" }, Cancellation);

    /// <summary>Starts a stopped container again, in the network namespace of its creation.</summary>
    public static Task StartAgainAsync(IContainer container) =>
        Running.Containers.StartContainerAsync(container.Id, new(), Cancellation);

    /// <summary>Restarts a container as an engine does after an update: SIGTERM, then a new process.</summary>
    public static Task RestartAsync(IContainer container) =>
        Running.Containers.RestartContainerAsync(container.Id, new() { WaitBeforeKillSeconds = 5 }, Cancellation);

    /// <summary>Gives a running container another name.</summary>
    public static Task RenameAsync(IContainer container, string name) =>
        Running.Containers.RenameContainerAsync(container.Id, new() { NewName = name }, Cancellation);

    /// <summary>Disconnects a container from a network.</summary>
    public static Task DisconnectAsync(IContainer container, string network) =>
        Running.Networks.DisconnectNetworkAsync(network, new() { Container = container.Id }, Cancellation);

    /// <summary>Connects a container to a network again, under a name.</summary>
    public static Task ConnectAsync(IContainer container, string network, string alias) =>
        Running.Networks.ConnectNetworkAsync(
            network,
            new()
            {
                Container = container.Id,
                EndpointConfig = new() { Aliases = [alias] },
            },
            Cancellation
        );

    /// <summary>
    /// Memory in use in bytes, as "docker stats" counts it: without the page cache that can be freed at once.
    /// </summary>
    public static async Task<ulong> MemoryAsync(IContainer container)
    {
        var read = new TaskCompletionSource<ContainerStatsResponse>();
        await Running.Containers.GetContainerStatsAsync(
            container.Id,
            new() { Stream = false, OneShot = true },
            new Handler(read),
            Cancellation
        );
        var memory = (await read.Task).MemoryStats!;
        var reclaimable =
            memory.Stats!.TryGetValue("total_inactive_file", out var first)
            || memory.Stats.TryGetValue("inactive_file", out first)
                ? first
                : 0;
        return memory.Usage!.Value - reclaimable;
    }

    static IDockerClient Running => Client.Value ?? throw new InvalidOperationException("no container engine");

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    sealed class Handler(TaskCompletionSource<ContainerStatsResponse> read) : IProgress<ContainerStatsResponse>
    {
        public void Report(ContainerStatsResponse value) => read.TrySetResult(value);
    }
}
