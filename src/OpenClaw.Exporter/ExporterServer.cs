using System.Collections.Immutable;
using System.CommandLine;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Cli;
using OpenClaw.Exporter.Configuration;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.History;
using OpenClaw.Exporter.Metrics;
using OpenClaw.Exporter.Otlp;
using OpenClaw.Exporter.Problems;
using OpenClaw.Exporter.Status;
using OpenClaw.Exporter.Web;
using OpenClaw.Kernel;
using OpenClaw.Kernel.Namespaces;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Sockets;
using OpenClaw.Kernel.Text;
using Serilog;
using Serilog.Events;
using Serilog.Formatting.Compact;
using Serilog.Sinks.SystemConsole.Themes;

namespace OpenClaw.Exporter;

/// <summary>Combines flags, readers and endpoints, as a web server or once for the command line.</summary>
static class ExporterServer
{
    const int WorstByName = 10;

    /// <summary>Serves until a signal stops it. Returns one of <see cref="ExitCodes"/>.</summary>
    /// <exception cref="SettingException">The web configuration, or a variable of OpenTelemetry, is
    /// invalid.</exception>
    public static async Task<int> RunAsync(ParseResult flags)
    {
        var web = new CurrentWebSettings(flags.GetRequiredValue(ExporterFlags.WebConfigFile));
        var otlp = OtlpSettings.Read(Environment.GetEnvironmentVariable) is { } settings
            ? new OtlpConnection(settings)
            : null;
        var inherited = flags.GetValue(ExporterFlags.SystemdSocket) ? Listeners.TakeInherited() : 0;
        var readers = Readers(flags);
        await using var application = Build(flags, readers, web, inherited, otlp);
        web.LogTo(application.Services.GetRequiredService<ILogger<CurrentWebSettings>>());
        try
        {
            await application.StartAsync();
        }
        catch (Exception error) when (error is IOException or System.Net.Sockets.SocketException)
        {
            var where =
                inherited > 0
                    ? "the sockets of systemd"
                    : string.Join(", ", flags.GetValue(ExporterFlags.ListenAddress));
            application.Logger.CannotListen(where, error.Message);
            return ExitCodes.Unavailable;
        }

        application.Logger.Listening(
            string.Join(", ", application.Urls.Where(LocalSocket.IsOnNetwork)),
            BuildInfo.Version
        );
        if (otlp is not null)
            application.Logger.Pushing(otlp.Target, otlp.Interval.TotalSeconds);
        if (Environment.IsPrivilegedProcess && flags.GetRequiredValue(ExporterFlags.Netns) == NetworkNamespaces.Self)
            application.Logger.RunsAsRoot(UsesOfPrivileges(readers));
        await application.WaitForShutdownAsync();
        return ExitCodes.Ok;
    }

    /// <summary>Returns the capabilities that readers can use, each with its purpose.</summary>
    internal static string UsesOfPrivileges(IEnumerable<Reader> readers)
    {
        var names = readers.Select(static reader => reader.Name).ToHashSet();
        return string.Join(
            "; ",
            Privileges
                .All.Where(privilege => names.Contains(privilege.Reader))
                .Select(static privilege => $"{privilege.Reader}: {privilege.Capability}")
        );
    }

    /// <summary>
    /// Reads the kernel and makes a diagnosis, with the history of the exporter that runs at the listen address.
    /// </summary>
    /// <param name="flags">The command line.</param>
    /// <param name="observe">The time during which counters may rise; zero reads once. A history that is as long
    /// replaces the second reading.</param>
    public static async Task<Diagnosis> DiagnoseAsync(ParseResult flags, TimeSpan observe)
    {
        // The history comes first, so that none of it is later than the snapshot.
        var server = new RunningExporter(flags.GetRequiredValue(ExporterFlags.ListenAddress)[0]);
        var history = await server.AskForTimelineAsync(CancellationToken.None);

        var readers = Readers(flags).RemoveAll(static reader => reader is ClwLogReader or FoundLogReader);
        if (history is { OpenClawErrors: { } errors })
            readers = readers.Add(new ServerErrorsReader(errors, history.BootId));
        using var lifetime = new ReaderLifetime(readers);
        using var sampler = new Sampler(readers, TimeProvider.System);
        var shown = flags.GetRequiredValue(ExporterFlags.NetnsWorst);
        var snapshot = await sampler.SampleAsync(CurrentExposition.TimeoutAtMost);
        var timeline = server.Restore(history, snapshot);
        var first = Diagnosis.Judge(snapshot, shown, timeline);
        if (observe == TimeSpan.Zero || timeline.ReachesBackTo(snapshot.Time - observe))
            return first;
        await Task.Delay(observe);
        return Diagnosis.Judge(await sampler.SampleAsync(CurrentExposition.TimeoutAtMost), shown, first.Timeline);
    }

    /// <summary>
    /// Returns the readers that the flags select: the kernel's readers, the probe, and OpenClaw's own.
    /// </summary>
    internal static ImmutableArray<Reader> Readers(ParseResult flags)
    {
        var proc = new ProcMount(flags.GetRequiredValue(ExporterFlags.ProcPath));
        var ports = new ServicePortList([ServicePorts.Gateway, .. RuntimeReaders.PortsOf(flags)]);
        var readers = KernelReaders
            .All(
                proc,
                flags.GetRequiredValue(ExporterFlags.Watch),
                WorstByName,
                flags.GetRequiredValue(ExporterFlags.RootPath),
                flags.GetRequiredValue(ExporterFlags.Netns) switch
                {
                    NetworkNamespaces.Self => null,
                    ExporterFlags.AutoNetns => new NamespaceSelection { WherePermitted = true },
                    ExporterFlags.AllNetns => new NamespaceSelection(),
                    var name => new NamespaceSelection(name),
                },
                flags.GetRequiredValue(ExporterFlags.SysPath),
                ports,
                PoolHolders.SearchedFrom
            )
            .RemoveAll(reader => !CollectorFlags.Wants(flags, reader))
            .Add(new ServiceConfigurationReader(flags.GetRequiredValue(ExporterFlags.OpenClawConfiguration)))
            .AddRange(RuntimeReaders.Create(flags, ports));
        return flags.GetRequiredValue(ExporterFlags.Probe) && !flags.GetValue(ExporterFlags.NoProbe)
            ? readers.Add(KernelReaders.AllocationProbe())
            : readers;
    }

    /// <summary>Builds the server without starting it. The server starts, stops and disposes of the readers.</summary>
    internal static WebApplication Build(
        ParseResult flags,
        ImmutableArray<Reader> readers,
        CurrentWebSettings web,
        int inherited,
        OtlpConnection? otlp
    )
    {
        // The empty builder. The other builders watch appsettings.json through inotify, which fails on machines without
        // free inotify resources. They also listen at the addresses in ASPNETCORE_URLS.
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddSerilog(Logger(flags));
        builder
            .WebHost.UseKestrelCore()
            .ConfigureKestrel(options => options.Open(flags.GetValue(ExporterFlags.ListenAddress), inherited, web));
        builder
            .Services.AddSingleton<SystemdNotifications>()
            .AddHostedService(static services => services.GetRequiredService<SystemdNotifications>());
        builder.Services.AddSingleton(new WebDoor(web, flags.GetRequiredValue(ExporterFlags.MaxRequests)));
        builder.Services.AddRoutingCore();
        builder.Services.AddMetricsCompression();

        readers = readers.Add(new PoolPeaksReader(readers, TimeProvider.System));
        builder.Services.AddHostedService(_ => new ReaderLifetime(readers));
        builder.Services.AddSingleton(services => new CurrentExposition(
            new Sampler(readers, TimeProvider.System),
            flags.GetRequiredValue(ExporterFlags.MaxAge),
            flags.GetRequiredValue(ExporterFlags.NetnsWorst),
            services.GetRequiredService<ILogger<CurrentExposition>>()
        ));
        builder.Services.AddHostedService(static services => new UnaskedSnapshots(
            services.GetRequiredService<CurrentExposition>(),
            UnaskedSnapshots.Interval,
            services.GetRequiredService<ILogger<UnaskedSnapshots>>()
        ));
        if (otlp is not null)
        {
            builder.Services.AddHostedService(services => new OtlpPush(
                otlp,
                services.GetRequiredService<CurrentExposition>(),
                services.GetRequiredService<ILogger<OtlpPush>>()
            ));
        }

        var application = builder.Build();
        application.Use(application.Services.GetRequiredService<WebDoor>().PassAsync);
        application.UseResponseCompression();
        application.UseRouting();
        application.MapExposition(flags.GetRequiredValue(ExporterFlags.TelemetryPath));
        application.MapStatus(flags.GetRequiredValue(ExporterFlags.TelemetryPath));
        application.MapHealth();
        return application;
    }

    static Serilog.Core.Logger Logger(ParseResult flags)
    {
        var configuration = new LoggerConfiguration()
            .MinimumLevel.Is(flags.GetRequiredValue(ExporterFlags.LogLevel))
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            // For a failed start, this logger would print a stack trace. The reason is logged here.
            .MinimumLevel.Override("Microsoft.Extensions.Hosting.Internal.Host", LogEventLevel.Fatal);
        var console = configuration.WriteTo;
        return (
            flags.GetRequiredValue(ExporterFlags.LogFormat) == LogFormat.Json
                ? console.Console(new CompactJsonFormatter(), standardErrorFromLevel: LogEventLevel.Verbose)
                : console.Console(
                    outputTemplate: "{Timestamp:O} {Level:u3} {Message:lj}{NewLine}{Exception}",
                    formatProvider: System.Globalization.CultureInfo.InvariantCulture,
                    standardErrorFromLevel: LogEventLevel.Verbose,
                    theme: ConsoleTheme.None
                )
        ).CreateLogger();
    }
}

/// <summary>The log messages of the server.</summary>
static partial class ServerLog
{
    [LoggerMessage(LogLevel.Information, "Listening on {Addresses}, version {Version}")]
    public static partial void Listening(
        this Microsoft.Extensions.Logging.ILogger logger,
        string addresses,
        string version
    );

    [LoggerMessage(LogLevel.Information, "Pushing metrics to {Endpoint} every {Seconds} s")]
    public static partial void Pushing(
        this Microsoft.Extensions.Logging.ILogger logger,
        string endpoint,
        double seconds
    );

    [LoggerMessage(LogLevel.Warning, "Running as root is not necessary; these capabilities are enough: {Privileges}")]
    public static partial void RunsAsRoot(this Microsoft.Extensions.Logging.ILogger logger, string privileges);

    [LoggerMessage(LogLevel.Error, "Cannot listen on {Endpoint}: {Reason}")]
    public static partial void CannotListen(
        this Microsoft.Extensions.Logging.ILogger logger,
        string endpoint,
        string reason
    );
}
