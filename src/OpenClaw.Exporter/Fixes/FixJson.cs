using System.Collections.Immutable;
using System.Text.Json;
using OpenClaw.Exporter.Remedies;

namespace OpenClaw.Exporter.Fixes;

/// <summary>
/// Writes and reads records as JSON. A serializer for these types would make the program larger by a third of a
/// megabyte.
/// </summary>
static class FixJson
{
    const string Sysctl = "sysctl",
        Limit = "process_limit",
        Removal = "bridge_port_removal",
        Addition = "bridge_port_addition",
        ContentOfFile = "file";

    /// <summary>Returns the JSON of a record.</summary>
    public static byte[] Write(FixRecord record)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new() { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteNumber("id", record.Id);
            json.WriteString("problem", record.Problem);
            json.WriteString("name", record.About.Name);
            json.WriteString("netns", record.About.Netns);
            json.WriteString("subject", record.About.Subject);
            json.WriteString("time", record.Time);
            json.WriteString("boot_id", record.BootId);
            json.WriteString("state", NameOf(record.State));
            if (record.Place is { } place)
            {
                json.WriteStartObject("place");
                json.WriteNumber("device", place.Device);
                json.WriteNumber("inode", place.Inode);
                json.WriteString("mount", place.Mount);
                json.WriteBoolean("is_machine", place.IsMachine);
                json.WriteEndObject();
            }

            Write(json, "changes", record.Changes);
            Write(json, "permanent", record.Permanent);
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    /// <summary>Reads a record.</summary>
    /// <exception cref="JsonException">The text is not the record of a fix.</exception>
    public static FixRecord Parse(ReadOnlyMemory<byte> text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            var json = document.RootElement;
            return new()
            {
                Id = json.GetProperty("id").GetInt32(),
                Problem = TextOf(json, "problem"),
                About = json.TryGetProperty("name", out _)
                    ? new(TextOf(json, "name"), TextOf(json, "netns"), TextOf(json, "subject"))
                    : FixProblem.None,
                Time = json.GetProperty("time").GetDateTimeOffset(),
                BootId = TextOf(json, "boot_id"),
                State = StateOf(TextOf(json, "state")),
                Place = json.TryGetProperty("place", out var place)
                    ? new(
                        place.GetProperty("device").GetUInt64(),
                        place.GetProperty("inode").GetUInt64(),
                        place.GetProperty("mount").GetString(),
                        place.GetProperty("is_machine").GetBoolean()
                    )
                    : null,
                Changes = ChangesOf(json, "changes"),
                Permanent = ChangesOf(json, "permanent"),
            };
        }
        catch (Exception error) when (error is KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new JsonException(error.Message, error);
        }
    }

    static void Write(Utf8JsonWriter json, string name, ImmutableArray<Change> changes)
    {
        json.WriteStartArray(name);
        foreach (var change in changes)
        {
            json.WriteStartObject();
            Write(json, change);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    static void Write(Utf8JsonWriter json, Change change)
    {
        switch (change)
        {
            case SysctlChange sysctl:
                json.WriteString("kind", Sysctl);
                json.WriteString("key", sysctl.Key);
                json.WriteString("old", sysctl.Old);
                json.WriteString("new", sysctl.New);
                json.WriteBoolean("is_of_namespace", sysctl.Scope == ChangeScope.Namespace);
                break;
            case ProcessLimitChange { Old: { } old, New: { } limits } limit:
                json.WriteString("kind", Limit);
                json.WriteNumber("pid", limit.Pid);
                json.WriteNumber("start_ticks", limit.Started?.Ticks ?? 0);
                json.WriteNumber("old_soft", old.Soft);
                json.WriteNumber("old_hard", old.Hard);
                json.WriteNumber("new_soft", limits.Soft);
                json.WriteNumber("new_hard", limits.Hard);
                break;
            case BridgePortRemoval { Bridge: { } bridge } removal:
                Write(json, Removal, bridge, removal.Ports);
                break;
            case BridgePortAddition addition:
                Write(json, Addition, addition.Bridge, addition.Ports);
                break;
            case FileChange file:
                json.WriteString("kind", ContentOfFile);
                json.WriteString("path", file.Path);
                if (file.Old is { } before)
                    json.WriteBase64String("old", before);
                if (file.New is { } after)
                    json.WriteBase64String("new", after);
                json.WriteBoolean("owns_folder", file.OwnsFolder);
                break;
            default:
                throw new InvalidOperationException($"{change.Target}: the value before is unknown");
        }
    }

    static void Write(Utf8JsonWriter json, string kind, string bridge, ImmutableArray<string> ports)
    {
        json.WriteString("kind", kind);
        json.WriteString("bridge", bridge);
        json.WriteStartArray("ports");
        foreach (var port in ports)
            json.WriteStringValue(port);
        json.WriteEndArray();
    }

    static ImmutableArray<Change> ChangesOf(JsonElement json, string name)
    {
        var changes = ImmutableArray.CreateBuilder<Change>();
        foreach (var change in json.GetProperty(name).EnumerateArray())
            changes.Add(ChangeOf(change));
        return changes.ToImmutable();
    }

    static Change ChangeOf(JsonElement json) =>
        TextOf(json, "kind") switch
        {
            Sysctl => new SysctlChange(
                TextOf(json, "key"),
                TextOf(json, "new"),
                json.GetProperty("is_of_namespace").GetBoolean() ? ChangeScope.Namespace : ChangeScope.Host
            )
            {
                Old = TextOf(json, "old"),
            },
            Limit => new ProcessLimitChange(
                json.GetProperty("pid").GetInt32(),
                json.GetProperty("new_soft").GetInt64(),
                json.GetProperty("new_hard").GetInt64(),
                "",
                ""
            )
            {
                Old = new(json.GetProperty("old_soft").GetInt64(), json.GetProperty("old_hard").GetInt64()),
                Started = TimeSpan.FromTicks(json.GetProperty("start_ticks").GetInt64()),
            },
            Removal => new BridgePortRemoval(PortsOf(json)) { Bridge = TextOf(json, "bridge") },
            Addition => new BridgePortAddition(TextOf(json, "bridge"), PortsOf(json)),
            ContentOfFile => new FileChange(TextOf(json, "path"), BytesOf(json, "old"), BytesOf(json, "new"))
            {
                OwnsFolder = json.GetProperty("owns_folder").GetBoolean(),
            },
            var kind => throw new FormatException($"unknown kind of change '{kind}'"),
        };

    static ImmutableArray<string> PortsOf(JsonElement json)
    {
        var ports = ImmutableArray.CreateBuilder<string>();
        foreach (var port in json.GetProperty("ports").EnumerateArray())
            ports.Add(port.GetString()!);
        return ports.ToImmutable();
    }

    static byte[]? BytesOf(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) ? value.GetBytesFromBase64() : null;

    static string TextOf(JsonElement json, string name) =>
        json.GetProperty(name).GetString() ?? throw new FormatException($"{name} is null");

    static string NameOf(FixState state) =>
        state switch
        {
            FixState.Applying => "applying",
            FixState.Trial => "trial",
            _ => "applied",
        };

    static FixState StateOf(string name) =>
        name switch
        {
            "applying" => FixState.Applying,
            "trial" => FixState.Trial,
            "applied" => FixState.Applied,
            _ => throw new FormatException($"unknown state '{name}'"),
        };
}
