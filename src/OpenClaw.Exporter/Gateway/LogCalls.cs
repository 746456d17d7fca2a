using System.Collections.Frozen;
using System.Text;

namespace OpenClaw.Exporter.Gateway;

/// <summary>Names the kinds of calls as Node writes them.</summary>
static class LogCalls
{
    const int LongestName = 20;

    static readonly FrozenDictionary<string, LogCall> Names = new Dictionary<string, LogCall>
    {
        ["open"] = LogCall.Open,
        ["scandir"] = LogCall.Open,
        ["opendir"] = LogCall.Open,
        ["mkdtemp"] = LogCall.Open,
        ["mkstemp"] = LogCall.Open,
        ["copyfile"] = LogCall.Open,
        ["watch"] = LogCall.Watch,
        ["inotify_init"] = LogCall.Watch,
        ["inotify_add_watch"] = LogCall.Watch,
        ["spawn"] = LogCall.Spawn,
        ["spawnSync"] = LogCall.Spawn,
        ["fork"] = LogCall.Spawn,
        ["connect"] = LogCall.Connect,
        ["listen"] = LogCall.Listen,
        ["bind"] = LogCall.Bind,
        ["accept"] = LogCall.Accept,
        ["accept4"] = LogCall.Accept,
        ["read"] = LogCall.Read,
        ["recv"] = LogCall.Read,
        ["recvmsg"] = LogCall.Read,
        ["write"] = LogCall.Write,
        ["writev"] = LogCall.Write,
        ["send"] = LogCall.Write,
        ["sendmsg"] = LogCall.Write,
        ["fsync"] = LogCall.Write,
        ["mkdir"] = LogCall.Write,
        ["rename"] = LogCall.Write,
        ["getaddrinfo"] = LogCall.Resolve,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Returns the kind of a call by its name; <see cref="LogCall.Other"/> for any other word.</summary>
    public static LogCall Named(ReadOnlySpan<byte> word) =>
        word.Length is > 0 and <= LongestName ? Names.GetValueOrDefault(Encoding.ASCII.GetString(word)) : LogCall.Other;

    /// <summary>Returns the place after the word spawn or spawnSync; −1 where a text has neither.</summary>
    public static int EndOfSpawn(ReadOnlySpan<byte> text)
    {
        var word = "spawnSync"u8;
        var at = LogWords.IndexOf(text, word, 0, text);
        if (at < 0)
        {
            word = "spawn"u8;
            at = LogWords.IndexOf(text, word, 0, text);
        }

        return at < 0 ? -1 : at + word.Length;
    }

    /// <summary>Returns true where a text speaks of the watches of files.</summary>
    public static bool SpeakOfWatch(ReadOnlySpan<byte> text) =>
        LogWords.Contains(text, "watchers"u8)
        || LogWords.Contains(text, "watcher"u8)
        || LogWords.Contains(text, "watch"u8)
        || LogWords.Contains(text, "watches"u8)
        || LogWords.Contains(text, "inotify"u8);
}
