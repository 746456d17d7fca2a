using System.Collections.Immutable;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Processes;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Kernel.Containers;

/// <summary>
/// Looks containers up in the files of Docker, Podman and Kubernetes. Only a container that is asked for is read. A
/// file that did not change is not read again, and a renamed container changes its file.
/// </summary>
/// <param name="proc">The procfs, whose processes tell where Docker keeps its containers.</param>
/// <param name="root">The mount point of the machine's root file system.</param>
/// <param name="clock">The clock that tells when a container without a file was searched last.</param>
public sealed class ContainerFiles(ProcMount proc, string root, TimeProvider clock)
{
    /// <summary>The time after which a container without a readable file is searched again.</summary>
    public static readonly TimeSpan SearchAgain = TimeSpan.FromSeconds(10);

    const int LogsAtMost = 5_000;

    readonly long _start = clock.GetTimestamp();
    readonly EngineFolders _folders = new(proc, root);
    readonly FolderListing _logs = new(
        RootedPath.Resolve(root.TrimEnd('/'), "/var/log/containers") + "/*.log",
        LogsAtMost
    );
    readonly FolderListing _pods = new(RootedPath.Resolve(root.TrimEnd('/'), "/var/log/pods") + "/*", LogsAtMost);
    readonly Dictionary<string, ParsedFile<ImmutableDictionary<string, string>>> _podman = [];
    Dictionary<string, Known> _known = [];
    Dictionary<string, Known> _asked = [];
    (List<string>? Of, Dictionary<string, Container> Found) _byLog = (null, []);
    (List<string>? Of, Dictionary<string, Pod> Found) _byUid = (null, []);

    /// <summary>Forgets the containers that were not asked for since the last call.</summary>
    public void ForgetUnasked() => (_known, _asked) = (_asked, []);

    /// <summary>
    /// Returns the container or pod of a process. Missing where no file names it, with the right that is necessary
    /// where a file may not be read.
    /// </summary>
    /// <param name="owner">The owner of the process, which has a container or a pod.</param>
    /// <param name="table">The processes of the machine.</param>
    public Reading<Container> Find(ProcessOwner owner, ProcessTable table)
    {
        var key = owner.Container.Length > 0 ? owner.Container : owner.Pod;
        if (key.Length == 0)
            return new Missing(Absence.NotPresent, "not in a container");
        var now = clock.GetElapsedTime(_start);
        if ((_asked.GetValueOrDefault(key) ?? _known.GetValueOrDefault(key)) is { } known)
        {
            if (known.Again?.Invoke() is { Outcome: not Outcome.None } again)
            {
                _asked[key] = known;
                return again;
            }

            if (known.Again is null && now - known.At < SearchAgain)
            {
                _asked[key] = known;
                return known.Found;
            }
        }

        return (_asked[key] = Search(owner, table, now)).Found;
    }

    Known Search(ProcessOwner owner, ProcessTable table, TimeSpan now)
    {
        if (owner.Engine is not ("docker" or "podman") && OfKubernetes(owner) is { Missing: null } ofPod)
            return new(ofPod, () => OfKubernetes(owner), now);
        if (owner.Container.Length == 0)
            return new(new Missing(Absence.NotPresent, $"/var/log/pods has no folder of pod {owner.Pod}"), null, now);
        Missing? refused = null;
        foreach (var look in Looks(owner, table))
        {
            var found = look();
            if (found.Missing is null or { Reason: Absence.Malformed })
                return new(found, look, now);
            refused ??= found.Missing.IsUnseen ? found.Missing : null;
        }

        return new(
            refused ?? new Missing(Absence.NotPresent, $"no file of an engine names container {owner.Container}"),
            null,
            now
        );
    }

    /// <summary>Returns the looks into each file that may name a container.</summary>
    IEnumerable<Func<Reading<Container>>> Looks(ProcessOwner owner, ProcessTable table)
    {
        var docker =
            owner.Engine == "podman"
                ? []
                : _folders
                    .OfDocker(owner, table)
                    .Select(path => new ParsedFile<Container>(path, text =>
                        EngineFiles.ParseDocker(text, owner.Container)
                    ))
                    .Select(static file => (Func<Reading<Container>>)file.Read);
        var podman =
            owner.Engine == "docker"
                ? []
                : _folders
                    .OfPodman(owner)
                    .Select(ListAt)
                    .Select(list => (Func<Reading<Container>>)(() => InList(list, owner.Container)));
        return docker.Concat(podman);
    }

    /// <summary>Returns a list of Podman, which is read once for all of its containers.</summary>
    ParsedFile<ImmutableDictionary<string, string>> ListAt(string path) =>
        _podman.TryGetValue(path, out var known) ? known : _podman[path] = new(path, EngineFiles.ParsePodman);

    static Reading<Container> InList(ParsedFile<ImmutableDictionary<string, string>> list, string id) =>
        list.Read()
            .Then(names =>
                names.TryGetValue(id, out var name)
                    ? new Container(id, "podman") { Name = name }
                    : (Reading<Container>)new Missing(Absence.NotPresent, $"no container {id} in the list of Podman")
            );

    /// <summary>Returns the container, or at least its pod, by the logs that the kubelet keeps.</summary>
    Reading<Container> OfKubernetes(ProcessOwner owner)
    {
        var logs = _logs.Read(out _);
        if (!ReferenceEquals(logs, _byLog.Of))
        {
            var containers = logs.Select(static path => EngineFiles.ParseLog(Path.GetFileName(path)));
            _byLog = (
                logs,
                containers.OfType<Container>().DistinctBy(static one => one.Id).ToDictionary(static one => one.Id)
            );
        }

        if (_byLog.Found.TryGetValue(owner.Container, out var container))
            return container;
        var folders = _pods.Read(out _);
        if (!ReferenceEquals(folders, _byUid.Of))
        {
            var pods = folders.Select(static path => EngineFiles.ParsePodFolder(Path.GetFileName(path)));
            _byUid = (
                folders,
                pods.OfType<(string Uid, Pod Pod)>()
                    .DistinctBy(static pod => pod.Uid)
                    .ToDictionary(static pod => pod.Uid, static pod => pod.Pod)
            );
        }

        return _byUid.Found.TryGetValue(owner.Pod, out var found)
            ? new Container(owner.Container, "kubernetes") { Pod = found }
            : new Missing(Absence.NotPresent, "no log in /var/log names the pod");
    }

    /// <summary>A container that was searched.</summary>
    /// <param name="Found">The container, or why it is unknown.</param>
    /// <param name="Again">Looks at the place where it was found; null where it was not.</param>
    /// <param name="At">The time of the search.</param>
    sealed record Known(Reading<Container> Found, Func<Reading<Container>>? Again, TimeSpan At);
}
