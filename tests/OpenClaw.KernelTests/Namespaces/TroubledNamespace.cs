using System.Globalization;

namespace OpenClaw.KernelTests;

/// <summary>A network namespace with processes and a trouble, which goes on until it is disposed of.</summary>
sealed class TroubledNamespace : IDisposable
{
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(40);

    readonly CancellationTokenSource _end = new();
    Task _trouble = Task.CompletedTask;

    public TroubledNamespace(Trouble trouble)
    {
        Trouble = trouble;
        Beside = PrivateProcesses.Start(Netns);
        Name = Netns
            .Run(static () => Kernel.Files.FileIdentity.Read("/proc/thread-self/ns/net").Value.Inode)
            .ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>The trouble.</summary>
    public Trouble Trouble { get; }

    /// <summary>The namespace.</summary>
    public PrivateNamespace Netns { get; } = new();

    /// <summary>
    /// The command prefix for programs inside. As in a container, they see only the processes there.
    /// </summary>
    public IReadOnlyList<string> Beside { get; }

    /// <summary>The name of the namespace for --netns.</summary>
    public string Name { get; }

    /// <summary>
    /// Begins the trouble, and keeps it going. It has a thread of its own, since a pool that many troubles share would
    /// delay some of them.
    /// </summary>
    public void Start()
    {
        var again = Trouble.Start(this);
        _trouble = Task.Factory.StartNew(
            () =>
            {
                do
                {
                    Netns.Run(again);
                } while (!_end.Token.WaitHandle.WaitOne(Pause));
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default
        );
    }

    /// <summary>Ends the trouble; fails when it failed.</summary>
    public async Task EndAsync()
    {
        await _end.CancelAsync();
        await _trouble;
    }

    public void Dispose()
    {
        _end.Cancel();
        try
        {
            _trouble.Wait();
        }
        catch (AggregateException)
        {
            // EndAsync reports it.
        }

        Netns.Dispose();
        _end.Dispose();
    }
}
