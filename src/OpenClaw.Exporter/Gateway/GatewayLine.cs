using System.Globalization;
using System.Text.Json;

namespace OpenClaw.Exporter.Gateway;

/// <summary>
/// Reads the text and the time of a line of the Gateway. The line is a JSON object of its log file, or begins with a
/// time as on its console.
/// </summary>
static class GatewayLine
{
    /// <summary>The forms of a time with its distance from UTC. Without it, the zone is unknown.</summary>
    static readonly string[] Times = ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'"];

    const int LongestTime = 40;

    /// <summary>The members of a line in JSON.</summary>
    enum Member
    {
        /// <summary>A member that is not read.</summary>
        Unread,

        /// <summary>The message, or an argument of the call that logged the line: "0", "1" and so on.</summary>
        Text,

        /// <summary>The time.</summary>
        Time,

        /// <summary>The details of the logger, which have a date too.</summary>
        Meta,
    }

    /// <summary>
    /// Returns the text of a line. For a JSON object with a message or arguments it is the strings of both, one below
    /// the other. The Gateway logs an error as an argument too. Else it is the line itself. The line may be cut.
    /// </summary>
    /// <param name="line">The line.</param>
    /// <param name="room">Room for a text as long as the line.</param>
    /// <param name="time">The time of the line; null for none.</param>
    /// <param name="isBroken">True for a line that begins as JSON and is none.</param>
    public static ReadOnlySpan<byte> Read(
        ReadOnlySpan<byte> line,
        Span<byte> room,
        out DateTimeOffset? time,
        out bool isBroken
    )
    {
        (time, isBroken) = (null, false);
        if (!line.StartsWith("{"u8))
        {
            time = TimeAtStart(line);
            return line;
        }

        var length = 0;
        try
        {
            ReadMembers(line, room, ref length, ref time);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            // No JSON, or half of a surrogate pair. The text up to there is as good as that of a cut line.
            isBroken = true;
        }

        return length == 0 ? line : AnsiText.Strip(room[..length]);
    }

    static void ReadMembers(ReadOnlySpan<byte> line, Span<byte> room, ref int length, ref DateTimeOffset? time)
    {
        // A line that is cut ends without an exception where more is to come.
        var reader = new Utf8JsonReader(line, isFinalBlock: false, default);
        var member = Member.Unread;
        var isDate = false;
        DateTimeOffset? date = null;
        while (reader.Read())
        {
            switch (reader.TokenType, reader.CurrentDepth, member)
            {
                case (JsonTokenType.PropertyName, 1, _):
                    member = MemberOf(reader);
                    break;
                case (JsonTokenType.PropertyName, 2, Member.Meta):
                    isDate = reader.ValueTextEquals("date"u8);
                    break;
                case (JsonTokenType.String, _, Member.Text):
                    Append(reader, room, ref length);
                    break;
                case (JsonTokenType.String, 1, Member.Time) when reader.TryGetDateTimeOffset(out var read):
                    time = read;
                    break;
                case (JsonTokenType.String, 2, Member.Meta) when isDate && reader.TryGetDateTimeOffset(out var read):
                    date = read;
                    break;
            }

            time ??= date;
        }
    }

    static Member MemberOf(in Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("message"u8))
            return Member.Text;
        if (reader.ValueTextEquals("time"u8))
            return Member.Time;
        if (reader.ValueTextEquals("_meta"u8))
            return Member.Meta;
        var name = reader.ValueSpan;
        return !name.IsEmpty && !name.ContainsAnyExceptInRange((byte)'0', (byte)'9') ? Member.Text : Member.Unread;
    }

    /// <summary>Adds a string to the text, in a line of its own.</summary>
    static void Append(in Utf8JsonReader reader, Span<byte> room, ref int length)
    {
        if (length > 0)
            room[length++] = (byte)'\n';
        if (reader.ValueIsEscaped)
        {
            try
            {
                length += reader.CopyString(room[length..]);
                return;
            }
            catch (InvalidOperationException)
            {
                // Half of a surrogate pair, or invalid UTF-8. The escapes stay.
            }
        }

        reader.ValueSpan.CopyTo(room[length..]);
        length += reader.ValueSpan.Length;
    }

    static DateTimeOffset? TimeAtStart(ReadOnlySpan<byte> line)
    {
        var end = line.IndexOf((byte)' ');
        if (end is < 20 or > LongestTime)
            return null;
        Span<char> text = stackalloc char[LongestTime];
        for (var i = 0; i < end; i++)
            text[i] = (char)line[i];
        return DateTimeOffset.TryParseExact(
            text[..end],
            Times,
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal,
            out var time
        )
            ? time
            : null;
    }
}
