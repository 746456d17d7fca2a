namespace OpenClaw.Kernel.Processes;

/// <summary>
/// The short name of a process that runs a script of Node. Node calls all of them MainThread, which tells nothing.
/// </summary>
static class ScriptName
{
    const string OpenClaw = "openclaw";

    /// <summary>The files that have the name of their folder's part of the program.</summary>
    static readonly HashSet<string> Entries = ["index", "main", "entry", "server", "app", "cli", "worker"];

    /// <summary>
    /// Returns "openclaw spawn-broker worker" for a worker of OpenClaw, and "openclaw gateway" for a command of it. For
    /// other scripts it returns the last parts of the path.
    /// </summary>
    /// <param name="script">The path of the script.</param>
    /// <param name="arguments">The arguments after it.</param>
    public static string Shorten(string script, IEnumerable<string> arguments)
    {
        var parts = script.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length == 0)
            return script;
        var package = Array.LastIndexOf(parts, OpenClaw);
        var isOfOpenClaw = (package >= 0 && package < parts.Length - 1) || IsEntryOfOpenClaw(parts[^1]);
        var folder = parts.Length > 1 ? parts[^2] : "";
        var words = Path.GetFileNameWithoutExtension(parts[^1]).Replace('.', ' ');
        if (!isOfOpenClaw)
            return Entries.Contains(words) && folder.Length > 0 ? $"{folder}/{parts[^1]}" : parts[^1];
        if (words == "worker")
            return $"{OpenClaw} {folder} worker";
        if (!Entries.Contains(words) && words != OpenClaw)
            return $"{OpenClaw} {words}";

        // A command is a word. Options and paths change from call to call, and a profile's name is a word, too.
        var rest = arguments.ToList();
        var profile = rest.IndexOf("--profile");
        if (profile >= 0)
            rest.RemoveRange(profile, Math.Min(2, rest.Count - profile));
        var command = rest.Find(static word => word.Length > 0 && word.All(char.IsAsciiLetter));
        return command is null ? OpenClaw : $"{OpenClaw} {command}";
    }

    static bool IsEntryOfOpenClaw(string file) => Path.GetFileNameWithoutExtension(file) == OpenClaw;
}
