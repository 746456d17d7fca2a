using System.Collections.Immutable;
using OpenClaw.Kernel.KernelLog;
using OpenClaw.Kernel.Sampling;

namespace OpenClaw.KernelTests;

/// <summary>
/// Watches the kernel log for one kind of event from now on. The kernel limits the rate of all its messages together,
/// so it may omit one. The cause is therefore repeated until the message appears.
/// </summary>
sealed class KernelLogSince
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    readonly ImmutableArray<Reader> _readers =
    [
        .. KernelSampling.Readers().Where(static reader => reader.Name == "kernel_log"),
    ];
    readonly KernelLogKind _kind;
    readonly ulong? _netns;

    readonly DateTimeOffset _start = DateTimeOffset.UtcNow;
    readonly DateTimeOffset _before;

    /// <summary>Starts watching.</summary>
    /// <param name="kind">The kind of event.</param>
    /// <param name="netns">The inode of the network namespace in the message; null for any.</param>
    public KernelLogSince(KernelLogKind kind, ulong? netns = null)
    {
        (_kind, _netns) = (kind, netns);
        var log = Read();
        Assert.SkipWhen(log.Missing is not null, $"needs the kernel log: {log}");
        _before = log.Value.Events.Where(IsWanted).Select(static seen => seen.LastSeen).DefaultIfEmpty().Max();
    }

    /// <summary>Repeats the cause until the event appears; fails when it never does.</summary>
    public KernelLogEvent Await(Action provoke)
    {
        var deadline = Deadline.After(Patience);
        while (!deadline.HasPassed)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            provoke();
            if (Seen().FirstOrDefault() is { } seen)
            {
                Assert.InRange(seen.LastSeen, _start - Pause, DateTimeOffset.UtcNow + Pause);
                return seen;
            }

            Thread.Sleep(Pause);
        }

        throw new TimeoutException($"the kernel log says nothing of {_kind}");
    }

    IEnumerable<KernelLogEvent> Seen() => Read().Value.Events.Where(seen => IsWanted(seen) && seen.LastSeen > _before);

    bool IsWanted(KernelLogEvent seen) =>
        seen.Kind == _kind && (_netns ?? seen.NetworkNamespace) == seen.NetworkNamespace;

    Reading<KernelLogEvents> Read() => SamplingPass.Read<KernelLogEvents>(_readers, Deadline.After(Patience));
}
