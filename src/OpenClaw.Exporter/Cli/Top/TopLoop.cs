using System.Diagnostics;
using System.Runtime.InteropServices;
using OpenClaw.Kernel;

namespace OpenClaw.Exporter.Cli.Top;

/// <summary>Shows a look each second, and obeys keys and signals, until the user or the terminal ends it.</summary>
/// <param name="look">Takes a look.</param>
/// <param name="terminal">The terminal with the keys.</param>
/// <param name="screen">Its screen.</param>
/// <param name="glyphs">The characters that it can show.</param>
/// <param name="inColour">True to use colours.</param>
sealed class TopLoop(
    Func<CancellationToken, Task<Look>> look,
    ControllingTerminal terminal,
    LiveScreen screen,
    Glyphs glyphs,
    bool inColour
)
{
    const int KeyBytes = 256;

    static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    static readonly TimeSpan RestAtLeast = TimeSpan.FromMilliseconds(200);

    readonly Queue<object> _events = new();
    readonly TopState _state = new();
    readonly UtilizationTrace _trace = new();
    Look? _last;
    long _lastAt = Stopwatch.GetTimestamp();
    TopModel? _model;
    bool _hasEnded;

    /// <summary>The age from which the screen says that no reading has come.</summary>
    public static TimeSpan Late { get; } = TimeSpan.FromSeconds(3);

    /// <summary>The events without further facts.</summary>
    enum Note
    {
        Redraw,
        End,
    }

    /// <summary>Runs until the end. The screen is as before then, also after an exception.</summary>
    /// <exception cref="OutputException">The terminal is gone.</exception>
    public void Run()
    {
        using var stop = new CancellationTokenSource();
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        using var hungUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, End);
        using var quit = PosixSignalRegistration.Create(PosixSignal.SIGQUIT, End);
        using var resized = PosixSignalRegistration.Create(PosixSignal.SIGWINCH, _ => Post(Note.Redraw));
        using var paused = PosixSignalRegistration.Create(PosixSignal.SIGTSTP, Suspend);
        using var continued = PosixSignalRegistration.Create(PosixSignal.SIGCONT, _ =>
            Post(screen.Open() ? Note.Redraw : Note.End)
        );
        if (!screen.Open())
            return;
        try
        {
            new Thread(ReadKeys) { IsBackground = true }.Start();
            var looking = LookAsync(stop.Token);
            while (!_hasEnded)
            {
                Draw();
                foreach (var seen in Wait())
                    Obey(seen);
                if (looking.IsFaulted)
                    looking.GetAwaiter().GetResult();
            }
        }
        finally
        {
            screen.Close();
            stop.Cancel();
        }

        void Suspend(PosixSignalContext context)
        {
            context.Cancel = true;
            screen.Close();
            ControllingTerminal.Suspend();
        }

        void End(PosixSignalContext context)
        {
            context.Cancel = true;
            Post(Note.End);
        }
    }

    void Post(object seen)
    {
        lock (_events)
        {
            _events.Enqueue(seen);
            Monitor.Pulse(_events);
        }
    }

    /// <summary>Waits for events, or until the age of the last look has to be shown.</summary>
    object[] Wait()
    {
        lock (_events)
        {
            if (_events.Count == 0)
                _ = Monitor.Wait(_events, Interval);
            object[] seen = [.. _events];
            _events.Clear();
            return seen;
        }
    }

    void ReadKeys()
    {
        var bytes = new byte[KeyBytes];
        while (terminal.Read(bytes) is > 0 and var length)
        {
            foreach (var key in Key.Parse(bytes[..length]))
                Post(key);
        }

        Post(Note.End);
    }

    async Task LookAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var begin = Stopwatch.GetTimestamp();
            Post(await look(stop));
            var rest = Interval - Stopwatch.GetElapsedTime(begin);
            await Task.Delay(rest > RestAtLeast ? rest : RestAtLeast, stop);
        }
    }

    void Obey(object seen)
    {
        switch (seen)
        {
            case Note.End:
                _hasEnded = true;
                break;
            case Key key:
                var rows = _model?.Rows.Select(_state.Tab, _state) ?? [];
                var page = Math.Max(1, screen.Size.Rows / 2);
                _hasEnded |= !_state.Press(key, rows, row => _model?.ProblemOf(row) ?? 0, page);
                break;
            case Look taken when !_state.IsPaused:
                (_last, _lastAt) = (taken, Stopwatch.GetTimestamp());
                _trace.Add(taken);
                break;
        }
    }

    void Draw()
    {
        var size = screen.Size;
        var age = Stopwatch.GetElapsedTime(_lastAt);
        var lines = new List<ScreenLine>();
        if (_last is null)
        {
            lines.Add(new("Reading the kernel"));
        }
        else if (_last.Diagnosis.TryGet(out var diagnosis))
        {
            _model = new(diagnosis, _last.Source, _trace, age);
            lines = new TopView(_model, _state, glyphs, size.Columns).Screen(size.Rows);
        }
        else
        {
            _model = null;
            lines.Add(new ScreenLine("UNKNOWN", Ink.Magenta).Add($": {_last.Diagnosis.Missing!.Detail}"));
            lines.Add(new("q quit", Ink.Faint));
        }

        screen.Show([.. lines.Select(line => line.Render(size.Columns, glyphs, inColour))], size);
    }
}
