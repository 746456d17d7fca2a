using System.Diagnostics;
using System.Globalization;

namespace OpenClaw.Benchmarks;

/// <summary>An exporter under measurement.</summary>
sealed class Contestant : IDisposable
{
    /// <summary>
    /// USER_HZ, the unit of CPU time in /proc/PID/stat: 100 on every architecture of Linux that .NET supports.
    /// </summary>
    const double TicksPerSecond = 100;

    /// <summary>The programs of Debian's packages.</summary>
    public const string NodeExporter = "prometheus-node-exporter";
    public const string ProcessExporter = "prometheus-process-exporter";

    readonly Process _process;
    readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(30) };

    Contestant(Process process, Uri address) => (_process, Address) = (process, address);

    /// <summary>The address of the metrics.</summary>
    public Uri Address { get; }

    /// <summary>The time from the start of the process to the end of its first scrape.</summary>
    public TimeSpan StartUp { get; private set; }

    /// <summary>Starts the published exporter without a cache, so that every scrape reads the kernel.</summary>
    public static Task<Contestant> StartOursAsync(params IEnumerable<string> flags) =>
        StartAsync(
            Repository.PublishedExporter,
            9801,
            ["--web.listen-address=127.0.0.1:9801", "--sampling.max-age=0s", .. flags]
        );

    /// <summary>Starts another build of the exporter at a port of its own, without a cache.</summary>
    public static Task<Contestant> StartBuildAsync(string binary, int port, params IEnumerable<string> flags) =>
        StartAsync(
            binary,
            port,
            [string.Create(CultureInfo.InvariantCulture, $"--web.listen-address=127.0.0.1:{port}"), .. flags]
        );

    /// <summary>
    /// Starts the published exporter without the right to load programs into the kernel, so that it reads dumps.
    /// </summary>
    public static Task<Contestant> StartOursWithoutProgramsAsync(params IEnumerable<string> flags) =>
        StartAsync(
            "setpriv",
            9803,
            [
                "--bounding-set=-bpf,-perfmon,-sys_admin",
                "--inh-caps=-bpf,-perfmon,-sys_admin",
                Repository.PublishedExporter,
                "--web.listen-address=127.0.0.1:9803",
                "--sampling.max-age=0s",
                .. flags,
            ]
        );

    /// <summary>Starts Debian's node_exporter with the collectors for the same subject.</summary>
    public static Task<Contestant> StartNodeExporterAsync() =>
        StartAsync(
            NodeExporter,
            9802,
            "--web.listen-address=127.0.0.1:9802",
            "--collector.disable-defaults",
            "--collector.tcpstat",
            "--collector.sockstat",
            "--collector.netstat",
            "--collector.conntrack",
            "--collector.filefd",
            "--collector.arp"
        );

    /// <summary>
    /// Starts Debian's process-exporter for all processes, without what costs it most: shared memory and threads.
    /// </summary>
    /// <param name="configuration">A file that groups processes by name.</param>
    public static Task<Contestant> StartProcessExporterAsync(string configuration) =>
        StartAsync(
            ProcessExporter,
            9803,
            "-web.listen-address=127.0.0.1:9803",
            "-gather-smaps=false",
            "-threads=false",
            "-config.path=" + configuration
        );

    /// <summary>Starts an exporter and scrapes it once.</summary>
    static async Task<Contestant> StartAsync(string program, int port, params string[] flags)
    {
        var address = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");
        var watch = Stopwatch.StartNew();
        var process = Process.Start(new ProcessStartInfo(program, flags) { RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync();
        var contestant = new Contestant(process, new($"http://{address}/metrics"));
        while (!await contestant.TryScrapeAsync())
        {
            if (process.HasExited)
                throw new InvalidOperationException($"{program} did not start: {await errors}");
            await Task.Delay(1);
        }

        contestant.StartUp = watch.Elapsed;
        return contestant;
    }

    /// <summary>Scrapes once and returns the time that the scrape took.</summary>
    public async Task<TimeSpan> ScrapeAsync()
    {
        var start = Stopwatch.GetTimestamp();
        _ = await _client.GetByteArrayAsync(Address);
        return Stopwatch.GetElapsedTime(start);
    }

    /// <summary>The number of threads of the process.</summary>
    public int Threads => Directory.GetDirectories($"/proc/{_process.Id}/task").Length;

    /// <summary>The number of open descriptors of the process.</summary>
    public int Descriptors => Directory.GetFiles($"/proc/{_process.Id}/fd").Length;

    /// <summary>Gets the metrics page.</summary>
    public Task<string> PageAsync() => _client.GetStringAsync(Address);

    /// <summary>The CPU time of the process so far.</summary>
    public TimeSpan CpuTime()
    {
        // The name in parentheses may contain any character. The fields behind it are numbers: utime is the 14th, stime
        // the 15th.
        var stat = File.ReadAllText($"/proc/{_process.Id}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return TimeSpan.FromSeconds((Number(fields[11]) + Number(fields[12])) / TicksPerSecond);
    }

    /// <summary>The CPU time of the threads of this name so far, to the nanosecond.</summary>
    public TimeSpan CpuTimeOf(string thread) =>
        TimeSpan.FromMicroseconds(
            Directory
                .GetDirectories($"/proc/{_process.Id}/task")
                .Where(task => File.ReadAllText($"{task}/comm") == thread + "\n")
                .Sum(static task => Number(File.ReadAllText($"{task}/schedstat").Split(' ')[0]) / 1000)
        );

    /// <summary>A line of /proc/PID/status in MB, such as VmRSS, or VmHWM for the peak.</summary>
    public double Megabytes(string key) =>
        File.ReadLines($"/proc/{_process.Id}/status")
            .Where(line => line.StartsWith(key + ":", StringComparison.Ordinal))
            .Select(static line => Number(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2]) / 1024)
            .Single();

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _client.Dispose();
    }

    async Task<bool> TryScrapeAsync()
    {
        try
        {
            _ = await ScrapeAsync();
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
