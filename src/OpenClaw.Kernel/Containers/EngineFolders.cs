using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Containers;

/// <summary>
/// The folders in which container engines keep their containers. Docker's is that of each running dockerd, that of its
/// settings, and the usual one. Engines without root have theirs below the home folder of their user.
/// </summary>
/// <param name="proc">The procfs.</param>
/// <param name="root">The mount point of the machine's root file system.</param>
sealed partial class EngineFolders(ProcMount proc, string root)
{
    const string Daemon = "dockerd";

    /// <summary>The names that Podman's storage gives its folder, by its driver.</summary>
    static readonly ImmutableArray<string> PodmanDrivers = ["overlay", "vfs", "btrfs", "zfs"];

    /// <summary>The lists of Podman: that of containers, and that of those that end with the machine.</summary>
    static readonly ImmutableArray<string> PodmanLists = ["containers.json", "volatile-containers.json"];

    readonly string _root = root.TrimEnd('/');
    readonly ParsedFile<string> _settings = new(
        RootedPath.Resolve(root.TrimEnd('/'), "/etc/docker/daemon.json"),
        EngineFiles.ParseDaemon
    );

    /// <summary>Returns the path of a file of the machine, as this process reaches it.</summary>
    public string PathOf(string path) => RootedPath.Resolve(_root, path);

    /// <summary>Returns the paths at which Docker may describe a container.</summary>
    public IEnumerable<string> OfDocker(ProcessOwner owner, ProcessTable table)
    {
        var roots = table
            .Processes.Where(static process => process.Name == Daemon)
            .Select(process => string.Create(CultureInfo.InvariantCulture, $"{process.Pid}/cmdline"))
            .Select(file => proc.ReadStart(file).TryGet(out var line) ? EngineFiles.ParseDataRoot(line) : null)
            .Append(_settings.Read().TryGet(out var configured) ? configured : null)
            .Append("/var/lib/docker")
            .Append(Home(owner) is { } home ? $"{home}/.local/share/docker" : null);
        return roots
            .OfType<string>()
            .Where(static path => path.StartsWith('/'))
            .Distinct()
            .Select(path => PathOf($"{path}/containers/{owner.Container}/config.v2.json"));
    }

    /// <summary>Returns the paths of the lists in which Podman may name a container.</summary>
    public IEnumerable<string> OfPodman(ProcessOwner owner) =>
        from storage in (ImmutableArray<string?>)
            ["/var/lib/containers/storage", Home(owner) is { } home ? $"{home}/.local/share/containers/storage" : null]
        where storage is not null
        from driver in PodmanDrivers
        from list in PodmanLists
        select PathOf($"{storage}/{driver}-containers/{list}");

    /// <summary>Returns the home folder of the user below whose systemd a container runs; null for root's.</summary>
    string? Home(ProcessOwner owner)
    {
        if (User().Match(owner.Cgroup) is not { Success: true } match)
            return null;
        var user = match.Groups[1].Value;
        var file = new ParsedFile<string>(PathOf("/etc/passwd"), text => HomeIn(text.Span, user));
        return file.Read().TryGet(out var home) ? home : null;
    }

    /// <summary>Finds the home folder in the lines "name:password:uid:gid:comment:home:shell".</summary>
    static Reading<string> HomeIn(ReadOnlySpan<byte> text, string user)
    {
        foreach (var line in Encoding.UTF8.GetString(text).Split('\n'))
        {
            if (line.Split(':') is [_, _, var id, _, _, ['/', ..] home, ..] && id == user)
                return home;
        }

        return new Missing(Absence.NotPresent, $"no user {user}");
    }

    [GeneratedRegex(@"/user-([0-9]+)\.slice/", RegexOptions.CultureInvariant)]
    private static partial Regex User();
}
