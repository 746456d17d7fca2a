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

    readonly DateTimeOffset _start = DateTimeOffset.UtcNow;
    readonly DateTimeOffset _before;

    public KernelLogSince(KernelLogKind kind)
    {
        _kind = kind;
        var log = Read();
        Assert.SkipWhen(log.Missing is not null, $"needs the kernel log: {log}");
        _before = log
            .Value.Events.Where(seen => seen.Kind == kind)
            .Select(static seen => seen.LastSeen)
            .DefaultIfEmpty()
            .Max();
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

    IEnumerable<KernelLogEvent> Seen() =>
        Read().Value.Events.Where(seen => seen.Kind == _kind && seen.LastSeen > _before);

    Reading<KernelLogEvents> Read() => SamplingPass.Read<KernelLogEvents>(_readers, Deadline.After(Patience));
}
