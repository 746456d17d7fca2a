using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace OpenClaw.Exporter.Configuration;

/// <summary>Parses text from any author into nodes. Every fault is one exception with its line.</summary>
static class YamlText
{
    /// <summary>Returns the root of the first document; null for an empty text.</summary>
    /// <exception cref="YamlException">The text is not YAML, has a duplicate key, or exceeds the limits of
    /// <see cref="BoundedEvents"/>.</exception>
    public static YamlNode? Parse(string text)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(new BoundedEvents(text));
        }
        catch (ArgumentException error)
        {
            // The library throws it where a stream does not begin with a document.
            throw new YamlException(Mark.Empty, Mark.Empty, $"not YAML: {error.Message}", error);
        }

        return stream.Documents.Count == 0 ? null : stream.Documents[0].RootNode;
    }
}
