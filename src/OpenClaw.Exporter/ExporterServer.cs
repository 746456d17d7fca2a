using System.Collections.Immutable;
using System.CommandLine;
using Microsoft.AspNetCore.Connections;
using OpenClaw.Exporter.Catalogue;
using OpenClaw.Exporter.Cli;
using OpenClaw.Exporter.Configuration;
using OpenClaw.Exporter.Episodes;
using OpenClaw.Exporter.Fixes;
using OpenClaw.Exporter.Gateway;
using OpenClaw.Exporter.History;
using OpenClaw.Exporter.Logging;
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

namespace OpenClaw.Exporter;

/// <summary>Combines flags, readers and endpoints, as a web server or once for the command line.</summary>
static class ExporterServer
{
    /// <summary>Serves until a signal stops it. Returns one of <see cref="ExitCodes"/>.</summary>
    /// <exception cref="SettingException">The web configuration, or a variable of OpenTelemetry, is
    /// invalid.</exception>
    public static async Task<int> RunAsync(ParseResult flags)
    {
        StandingThreads.Start();
        var web = new CurrentWebSettings(flags.GetRequiredValue(ExporterFlags.WebConfigFile));
        var push = OtlpSettings.Read(Environment.GetEnvironmentVariable);
        var otlp = push is null ? null : new OtlpConnection(push);
        var inherited = flags.GetValue(ExporterFlags.SystemdSocket) ? InheritedSockets.Take() : 0;
        var thresholds = PoolThresholds.Parse(flags.GetValue(ExporterFlags.Pools));
        var readers = Readers(flags, isServer: true).Prepared();
        await using var application = Build(flags, readers, web, inherited, otlp, thresholds);
        web.LogTo(application.Services.GetRequiredService<ILogger<CurrentWebSettings>>());
        try
        {
            await application.StartAsync();
        }
        catch (Exception error) when (error is IOException or System.Net.Sockets.SocketException)
        {
            var addresses = string.Join(", ", flags.GetValue(ExporterFlags.ListenAddress));
            var where = inherited > 0 ? "the sockets of systemd" : $"{addresses} ({ExporterFlags.ListenAddress.Name})";
            application.Logger.CannotListen(where, error.Message);
            return ExitCodes.Unavailable;
        }

        EndSignals.Handle(application.Lifetime.StopApplication);
        var urls = string.Join(", ", application.Urls.Where(LocalSocket.IsOnNetwork));
        application.Logger.Listening(urls, BuildInfo.Version);
        if (otlp is not null)
            application.Logger.Pushing(otlp.Target, otlp.Interval.TotalSeconds);
        var isSelf = flags.GetRequiredValue(ExporterFlags.Netns) == NetworkNamespaces.Self;
        if (Environment.IsPrivilegedProcess && isSelf && DemoCommand.BannerOf(flags).Length == 0)
            application.Logger.RunsAsRoot(Privileges.UsesOf(readers));
        using var trim = new MemoryTrim(TimeProvider.System);
        await application.WaitForShutdownAsync();
        return ExitCodes.Ok;
    }

    /// <summary>
    /// Reads the kernel and makes a diagnosis, with the history of the exporter that runs at the listen address.
    /// </summary>
    /// <param name="flags">The command line.</param>
    /// <param name="observe">The time during which counters may rise; zero reads once. A history that is as long
    /// replaces the second reading.</param>
    public static async Task<Diagnosis> DiagnoseAsync(ParseResult flags, TimeSpan observe)
    {
        var thresholds = PoolThresholds.Parse(flags.GetValue(ExporterFlags.Pools));

        // The history comes first, so that none of it is later than the snapshot.
        var server = new RunningExporter(flags.GetRequiredValue(ExporterFlags.ListenAddress)[0]);
        var history = await server.AskForTimelineAsync(CancellationToken.None);

        var readers = Readers(flags).RemoveAll(static reader => reader is ClwLogReader or FoundLogReader);
        if (history is { OpenClawErrors: { } errors })
            readers = readers.Add(new ServerErrorsReader(errors, history.BootId));
        var counted = history?.RefusedConnects;
        if (counted is { IsDefault: false } refused)
            readers = readers.WithCounted(RefusalsDocument.Read(refused), history!.BootId);
        using var lifetime = new ReaderLifetime(readers);
        using var sampler = new Sampler(readers, BootClock.Instance);
        var shown = flags.GetRequiredValue(ExporterFlags.NetnsWorst);
        var snapshot = await sampler.SampleAsync(CurrentExposition.TimeoutAtMost);
        var timeline = server.Restore(history, snapshot);
        var first = Diagnosis.Judge(snapshot, shown, timeline, thresholds);
        var countsAlone = counted is null && snapshot.Namespaces.Any(RefusedConnectSymptom.IsCounted);
        if (observe == TimeSpan.Zero || (timeline.ReachesBackTo(snapshot.Time - observe) && !countsAlone))
            return first;
        await Task.Delay(observe);
        return Diagnosis.Judge(
            await sampler.SampleAsync(CurrentExposition.TimeoutAtMost),
            shown,
            first.Timeline,
            thresholds
        );
    }

    /// <summary>
    /// Returns the readers that the flags select: the kernel's readers, the probe, and OpenClaw's own.
    /// </summary>
    /// <param name="flags">The command line.</param>
    /// <param name="isServer">True where snapshots may not wait for a search.</param>
    internal static ImmutableArray<Reader> Readers(ParseResult flags, bool isServer = false)
    {
        var proc = new ProcMount(flags.GetRequiredValue(ExporterFlags.ProcPath));
        var ports = new ServicePortList([ServicePorts.Gateway, .. RuntimeReaders.PortsOf(flags)]);
        var readers = KernelReaders
            .All(
                proc,
                flags.GetRequiredValue(ExporterFlags.Watch),
                worst: 10,
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
                PoolHolders.SearchedFrom(PoolThresholds.Parse(flags.GetValue(ExporterFlags.Pools))),
                searchesBeside: isServer,
                ownProcessesOnly: DemoCommand.BannerOf(flags).Length > 0
            )
            .RemoveAll(reader => !CollectorFlags.Wants(flags, reader))
            .Add(new ServiceConfigurationReader(flags.GetRequiredValue(ExporterFlags.OpenClawConfiguration)))
            .Add(new ConnectionLimitsReader())
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
        OtlpConnection? otlp,
        PoolThresholds? thresholds = null
    )
    {
        // The empty builder. The other builders watch appsettings.json through inotify, which fails on machines without
        // free inotify resources. They also listen at the addresses in ASPNETCORE_URLS.
        var builder = WebApplication.CreateEmptyBuilder(new());
        var isDebugging = flags.GetRequiredValue(ExporterFlags.LogLevel) <= LogEventLevel.Debug;
        var log = new LogQueue(
            new StandardErrorLog(flags.GetRequiredValue(ExporterFlags.LogFormat), isDebugging).Write,
            isLimited: !isDebugging
        );
        builder.Services.AddSerilog(Logger(flags, log), dispose: true);
        builder
            .WebHost.UseKestrelCore()
            .ConfigureKestrel(options => options.Open(flags.GetValue(ExporterFlags.ListenAddress), inherited, web));
        builder
            .Services.AddSingleton<SystemdNotifications>()
            .AddHostedService(static services => services.GetRequiredService<SystemdNotifications>());
        builder.Services.AddSingleton<IConnectionListenerFactory, SocketListenerFactory>();
        builder.Services.AddSingleton<Refusals>();
        builder.Services.AddSingleton(services => new WebDoor(
            web,
            flags.GetRequiredValue(ExporterFlags.MaxRequests),
            new HostNames(flags.GetRequiredValue(ExporterFlags.AllowedHosts)),
            services.GetRequiredService<Refusals>()
        ));
        builder.Services.Configure<HostOptions>(static options =>
            options.ShutdownTimeout = TimeSpan.FromMilliseconds(ExporterBounds.EndMilliseconds)
        );
        builder.Services.AddRoutingCore();
        builder.Services.AddMetricsCompression();

        var diary = new FixDiary(flags.GetRequiredValue(ExporterFlags.RootPath), new());
        builder
            .Services.AddSingleton(services => new CurrentEpisodes(
                flags.GetRequiredValue(ExporterFlags.StateDirectory),
                services.GetRequiredService<ILogger<CurrentEpisodes>>(),
                diary
            ))
            .AddHostedService(static services => services.GetRequiredService<CurrentEpisodes>());
        var peaks = new PoolPeaksReader(readers, TimeProvider.System, thresholds);
        readers = readers.Add(peaks);
        builder.Services.AddHostedService(_ => new ReaderLifetime(readers));
        builder.Services.AddHostedService(services => new InterruptedFixes(
            FixRun.Create(
                flags.GetRequiredValue(ExporterFlags.ProcPath),
                flags.GetRequiredValue(ExporterFlags.RootPath)
            ),
            diary,
            services.GetRequiredService<ILogger<InterruptedFixes>>()
        ));
        builder.Services.AddSingleton(services => new CurrentExposition(
            new Sampler(
                readers
                    .Add(new ExporterCountsReader(services.GetRequiredService<Refusals>(), log))
                    .Add(new EpisodeCountsReader(services.GetRequiredService<CurrentEpisodes>())),
                BootClock.Instance
            ),
            flags.GetRequiredValue(ExporterFlags.MaxAge),
            flags.GetRequiredValue(ExporterFlags.NetnsWorst),
            services.GetRequiredService<ILogger<CurrentExposition>>(),
            services.GetRequiredService<CurrentEpisodes>(),
            thresholds
        ));
        builder.Services.AddHostedService(services => new UnaskedSnapshots(
            services.GetRequiredService<CurrentExposition>(),
            UnaskedSnapshots.Interval,
            services.GetRequiredService<ILogger<UnaskedSnapshots>>(),
            peaks.NextRiseAsync
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
        var metrics = flags.GetRequiredValue(ExporterFlags.TelemetryPath);
        application.MapExposition(metrics);
        application.MapStatus(metrics, DiagnosisPrinter.PrintPlain, DemoCommand.BannerOf(flags));
        application.MapHealth();
        return application;
    }

    static Serilog.Core.Logger Logger(ParseResult flags, LogQueue queue) =>
        new LoggerConfiguration()
            .MinimumLevel.Is(flags.GetRequiredValue(ExporterFlags.LogLevel))
            .MinimumLevel.Override("Microsoft", LogEventLevel.Warning)
            // For a failed start, this logger would print a stack trace. The reason is logged here.
            .MinimumLevel.Override("Microsoft.Extensions.Hosting.Internal.Host", LogEventLevel.Fatal)
            .WriteTo.Sink(queue)
            .CreateLogger();
}
