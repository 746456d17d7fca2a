using System.Collections.Immutable;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter;

/// <summary>
/// Ties readers to the life of the server. It starts and stops readers that work between the snapshots, and disposes of
/// all readers after the stop. The server's container disposes only of the objects that it created.
/// </summary>
/// <param name="readers">The readers.</param>
sealed class ReaderLifetime(ImmutableArray<Reader> readers) : IHostedService, IDisposable
{
    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var reader in readers.OfType<IHostedService>())
            await reader.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(readers.OfType<IHostedService>().Select(reader => reader.StopAsync(cancellationToken)));

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var reader in readers.OfType<IDisposable>())
            reader.Dispose();
    }
}
