namespace OpenClaw.Exporter.Otlp;

/// <summary>Records the answer of the endpoint, because the SDK returns no reason for a failed push.</summary>
/// <param name="timeout">The time that the client waits for an answer.</param>
sealed class PushAnswer(TimeSpan timeout)
    : DelegatingHandler(
        new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,

            // The endpoint's name may move to another address.
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        }
    )
{
    HttpResponseMessage? _answer;
    Exception? _error;

    /// <summary>The reason why the last request failed.</summary>
    public string Failure =>
        (_error, _answer) switch
        {
            (OperationCanceledException, _) => $"no answer within {timeout.TotalSeconds:0.###} s",
            ({ } error, _) => error.Message,
            (_, { IsSuccessStatusCode: false } answer) =>
                $"HTTP {(int)answer.StatusCode} {answer.ReasonPhrase}".TrimEnd(),

            // gRPC returns success in the trailers, or in the headers of an answer without a body.
            (_, { } answer) => GrpcStatus(answer),
            _ => "the request failed",
        };

    /// <summary>Forgets the last answer.</summary>
    public void Forget() => (_answer, _error) = (null, null);

    /// <inheritdoc/>
    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return _answer = base.Send(request, cancellationToken);
        }
        catch (Exception error)
        {
            _error = error;
            throw;
        }
    }

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return _answer = await base.SendAsync(request, cancellationToken);
        }
        catch (Exception error)
        {
            _error = error;
            throw;
        }
    }

    static string GrpcStatus(HttpResponseMessage answer)
    {
        var message = Uri.UnescapeDataString(Trailer(answer, "grpc-message") ?? "");
        return $"gRPC status {Trailer(answer, "grpc-status") ?? "missing"} {message}".TrimEnd();
    }

    static string? Trailer(HttpResponseMessage answer, string name) =>
        answer.TrailingHeaders.TryGetValues(name, out var values) || answer.Headers.TryGetValues(name, out values)
            ? string.Join(", ", values)
            : null;
}
