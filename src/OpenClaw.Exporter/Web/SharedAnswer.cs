using OpenClaw.Exporter.Configuration;

namespace OpenClaw.Exporter.Web;

/// <summary>
/// An answer that all clients share, as bytes. It is made once of each source, and a slow reader costs only the bytes
/// that wait for it.
/// </summary>
/// <param name="make">Makes the bytes of a source.</param>
sealed class SharedAnswer(Func<object, byte[]> make)
{
    readonly Lock _lock = new();
    object? _source;
    byte[] _bytes = [];

    /// <summary>Writes the answer piece by piece, and waits for the client after each.</summary>
    /// <param name="context">The request.</param>
    /// <param name="source">The source, compared by reference.</param>
    public async Task WriteAsync(HttpContext context, object source)
    {
        var bytes = BytesOf(source);
        context.Response.ContentLength = bytes.Length;
        for (var at = 0; at < bytes.Length; at += ExporterBounds.UnreadAnswerBytes)
        {
            var piece = bytes.AsMemory(at, Math.Min(ExporterBounds.UnreadAnswerBytes, bytes.Length - at));
            await context.Response.BodyWriter.WriteAsync(piece, context.RequestAborted);
        }
    }

    byte[] BytesOf(object source)
    {
        lock (_lock)
        {
            if (_source != source)
                (_source, _bytes) = (source, make(source));
            return _bytes;
        }
    }
}
