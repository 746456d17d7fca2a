using System.Collections.Immutable;
using System.Globalization;
using OpenClaw.Kernel.Files;
using OpenClaw.Kernel.Sampling;
using OpenClaw.Kernel.Text;

namespace OpenClaw.Exporter.Gateway;

/// <summary>
/// The folder of a Gateway's log without a setting. Where the usual one is another user's, the Gateway uses one with
/// its own user id in its temporary folder (resolveSecureTempRoot of @openclaw/fs-safe).
/// </summary>
static class LogFolder
{
    const string Usual = "/tmp/openclaw";

    /// <summary>The variables that set the temporary folder, in the order of os.tmpdir() of Node.</summary>
    static readonly ImmutableArray<string> TemporaryFolder = ["TMPDIR", "TMP", "TEMP"];

    /// <summary>Returns the folder, as the exporter reaches it; missing where it cannot.</summary>
    /// <param name="proc">The procfs.</param>
    /// <param name="pid">The Gateway.</param>
    /// <param name="environment">Its environment.</param>
    /// <param name="reach">Returns the path by which the exporter reaches a file of the Gateway.</param>
    public static Reading<string> Find(
        ProcMount proc,
        int pid,
        IReadOnlyDictionary<string, string> environment,
        Func<string, Reading<string>> reach
    )
    {
        if (!reach(Usual).TryGet(out var usual))
            return reach(Usual);
        var process = string.Create(CultureInfo.InvariantCulture, $"{pid}");
        if (!Folder.OwnerOf(proc.PathOf(process)).TryGet(out var user))
            return usual;

        // A root that may not be read shows nothing, and the folder here is that of the Gateway.
        var isAbsent = Folder.IsAbsent(proc.PathOf($"{process}/root{Usual}"));
        var owner = Folder.OwnerOf(usual);
        if (!isAbsent && owner.TryGet(out var theirs) && theirs == user)
            return usual;
        var temporary = TemporaryFolder
            .Select(environment.GetValueOrDefault)
            .FirstOrDefault(static path => path is ['/', ..])
            ?? "/tmp";
        var own = string.Create(CultureInfo.InvariantCulture, $"{temporary.TrimEnd('/')}/openclaw-{user}");
        return reach(own).Select(own => (!isAbsent && owner.Missing is null) || !Folder.IsAbsent(own) ? own : usual);
    }
}
