using System.Globalization;

namespace OpenClaw.KernelTests;

/// <summary>The troubles of an OpenClaw service with a configuration file.</summary>
static class TroublesOfServices
{
    /// <summary>The established connections of the daemon: four, with both ends of each.</summary>
    public const int Connections = 8;

    const int Maximum = 10;

    static readonly string Daemon = string.Create(CultureInfo.InvariantCulture, $"everywhere{Environment.ProcessId}");

    static readonly string Folder = Path.Combine(Path.GetTempPath(), "openclaw-" + Daemon);

    /// <summary>The value of --openclaw.config for every look at the daemon.</summary>
    public static string Configuration => Path.Combine(Folder, "*.yml");

    /// <summary>A daemon with most of the connections that its file allows.</summary>
    public static Action FillDaemon(TroubledNamespace at)
    {
        var cgroup = new PrivateCgroup("daemon of a namespace");
        at.Netns.Attach(cgroup);
        var folder = Directory.CreateDirectory(Folder);
        at.Netns.Attach(new RemovedAtEnd(folder));
        File.WriteAllText(Path.Combine(Folder, Daemon + ".yml"), $"network:\n  max_connections: {Maximum}\n");
        cgroup.Listen(at.Netns, 9301, Connections / 2, "openclaw-" + Daemon, at.Beside);
        return static () => { };
    }

    sealed class RemovedAtEnd(DirectoryInfo folder) : IDisposable
    {
        public void Dispose() => folder.Delete(recursive: true);
    }
}
