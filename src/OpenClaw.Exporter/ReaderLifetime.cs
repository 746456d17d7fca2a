using System.Collections.Immutable;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.Exporter;

/// <summary>
/// The readers' share in the life of the server: those that work between the snapshots are started and stopped with it,
/// and all that hold something open are closed when it has stopped. The server's container disposes only of what it has
/// made.
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
