using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using OpenClaw.Exporter.Logging;

namespace OpenClaw.Exporter.Web;

/// <summary>
/// Opens the sockets that the server listens on. Kestrel's own ones call accept() again at once when no descriptor is
/// left, which takes a whole CPU and no word.
/// </summary>
/// <param name="loggers">Creates the log.</param>
sealed class SocketListenerFactory(ILoggerFactory loggers) : IConnectionListenerFactory
{
    /// <inheritdoc/>
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        try
        {
            return ValueTask.FromResult<IConnectionListener>(
                new SocketListener(SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint), endpoint, loggers)
            );
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            throw new AddressInUseException(error.Message, error);
        }
    }
}

/// <summary>A socket that the server listens on.</summary>
sealed partial class SocketListener : IConnectionListener
{
    /// <summary>The connections that may wait for accept(), as in Kestrel.</summary>
    const int Backlog = 512;

    /// <summary>The time after a failed accept(), as without descriptors or memory.</summary>
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    readonly Socket _socket;
    readonly SocketConnectionContextFactory _connections;
    readonly ILogger _logger;

    /// <summary>Listens on a bound socket.</summary>
    public SocketListener(Socket socket, EndPoint endpoint, ILoggerFactory loggers)
    {
        (_socket, EndPoint) = (socket, socket.LocalEndPoint ?? endpoint);
        _connections = new(new(), loggers.CreateLogger<SocketListener>());
        _logger = loggers.CreateLogger(LogQueue.Clients);
        socket.Listen(Backlog);
    }

    /// <inheritdoc/>
    public EndPoint EndPoint { get; }

    /// <inheritdoc/>
    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (true)
        {
            try
            {
                var accepted = await _socket.AcceptAsync(cancellationToken);
                if (accepted.LocalEndPoint is IPEndPoint)
                    accepted.NoDelay = true;
                return _connections.Create(accepted);
            }
            catch (ObjectDisposedException)
            {
                return null;
            }
            catch (SocketException error) when (error.SocketErrorCode == SocketError.OperationAborted)
            {
                return null;
            }
            catch (SocketException error)
                when (error.SocketErrorCode is SocketError.ConnectionAborted or SocketError.ConnectionReset)
            {
                // The client has gone before it was accepted.
            }
            catch (SocketException error)
            {
                // The library does not tell EMFILE from ENFILE.
                var isFull = error.SocketErrorCode == SocketError.TooManyOpenSockets;
                CannotAccept(isFull ? "the exporter or the machine has no file descriptor left" : error.Message);
                await Task.Delay(Pause, cancellationToken);
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        _connections.Dispose();
        return ValueTask.CompletedTask;
    }

    [LoggerMessage(LogLevel.Warning, "Cannot accept connections, which have to wait: {Reason}")]
    partial void CannotAccept(string reason);
}
