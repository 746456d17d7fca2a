using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace OpenClaw.KernelTests;

/// <summary>
/// A network namespace of one test: a thread that lives in it, and loopback. Code on the thread sees and changes that
/// namespace's sockets and sysctls, and processes started there inherit it. It ends with the thread and the processes.
/// </summary>
sealed partial class PrivateNamespace : IDisposable
{
    const int CLONE_NEWNET = 0x40000000;

    readonly BlockingCollection<Action> _work = [];
    readonly List<Process> _processes = [];
    readonly List<IDisposable> _attached = [];
    readonly Thread _thread;

    /// <summary>Creates a namespace.</summary>
    /// <param name="hasLoopback">False to leave loopback as the kernel creates it: down, and without an
    /// address.</param>
    public PrivateNamespace(bool hasLoopback = true)
    {
        using var ready = new ManualResetEventSlim();
        var error = 0;
        _thread = new(() =>
        {
            if (unshare(CLONE_NEWNET) != 0)
                error = Marshal.GetLastPInvokeError();
            ready.Set();
            foreach (var work in _work.GetConsumingEnumerable())
                work();
        })
        {
            IsBackground = true,
            Name = "private network namespace",
        };
        _thread.Start();
        ready.Wait();
        if (error != 0)
        {
            Dispose();
            Assert.Skip(
                $"needs a network namespace of its own: unshare(CLONE_NEWNET): {Marshal.GetPInvokeErrorMessage(error)}"
            );
        }

        if (hasLoopback)
            Command("ip", "link", "set", "lo", "up");
    }

    /// <summary>
    /// Disposes of an object together with the namespace: an open socket would keep the namespace alive.
    /// </summary>
    public void Attach(IDisposable held) => _attached.Add(held);

    /// <summary>Runs code on the thread that lives in the namespace.</summary>
    public T Run<T>(Func<T> body)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(() =>
        {
            try
            {
                done.SetResult(body());
            }
            catch (Exception error)
            {
                done.SetException(error);
            }
        });
        return done.Task.GetAwaiter().GetResult();
    }

    /// <inheritdoc cref="Run{T}"/>
    public void Run(Action body) =>
        Run(() =>
        {
            body();
            return true;
        });

    /// <summary>Writes a sysctl of this namespace, such as "net.ipv4.tcp_tw_reuse".</summary>
    public void Sysctl(string key, string value) =>
        Run(() => File.WriteAllText("/proc/sys/" + key.Replace('.', '/'), value));

    /// <summary>Starts a process in the namespace; it is killed with the namespace.</summary>
    public Process Start(ProcessStartInfo start) =>
        Run(() =>
        {
            var process = ChildProcess.Start(start);
            _processes.Add(process);
            return process;
        });

    /// <summary>
    /// Runs a program in the namespace to its end and returns its output. Throws with its errors when its exit code is
    /// not 0.
    /// </summary>
    public string Command(string program, params string[] arguments)
    {
        var process = Start(new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true });
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();

        // A poll runs hundreds of them, each with two pipes.
        Run(() => _processes.Remove(process));
        using var ended = process;
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {errors.Result}");
    }

    /// <summary>Adds a VXLAN. The kernel opens UDP sockets of its own for it.</summary>
    public void AddVxlan()
    {
        Command("ip", "link", "add", "vx0", "type", "vxlan", "id", "7", "local", "127.0.0.1", "dstport", "4789");
        Command("ip", "link", "set", "vx0", "up");
    }

    /// <summary>An HTTP client with connections from inside the namespace.</summary>
    /// <param name="tls">The options for TLS.</param>
    /// <param name="source">The source address of connections; null for the kernel's choice.</param>
    public HttpClient HttpClient(SslClientAuthenticationOptions? tls = null, IPAddress? source = null) =>
        new(
            new SocketsHttpHandler
            {
                SslOptions = tls ?? new(),
                ConnectCallback = async (context, cancellation) =>
                {
                    // A socket belongs for good to the namespace of the thread that creates it.
                    var socket = Run(() =>
                        new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true }
                    );
                    if (source is not null)
                        socket.Bind(new IPEndPoint(source, 0));
                    await socket.ConnectAsync(context.DnsEndPoint, cancellation);
                    return new NetworkStream(socket, ownsSocket: true);
                },
            }
        );

    public void Dispose()
    {
        foreach (var held in _attached)
            held.Dispose();
        foreach (var process in _processes)
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
            process.WaitForExit();
            process.Dispose();
        }

        _work.CompleteAdding();
        _thread.Join();
        _work.Dispose();
    }

    // int unshare(int flags);
    [LibraryImport("libc", SetLastError = true)]
    private static partial int unshare(int flags);
}
