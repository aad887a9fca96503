/*
 * A server on libwebsockets. At /echo it sends back what comes; at /drive it
 * holds the conversation below with a client that echoes.
 *
 *   cc -o echo echo.c -lwebsockets
 *   ./echo [CERT.pem KEY.pem]
 *
 * Its first line is its port. (libwebsockets-test-server cannot stand in for
 * it: that one mirrors text only, in pieces of 4 KiB, to everybody.)
 */
#include <libwebsockets.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MIB = 1 << 20, MAX_MESSAGE = 2 * MIB };

/*
 * The conversation that every peer of these tests holds with an endpoint that
 * echoes. The same list stands in ../node/programme.cjs,
 * ../python/programme.py and ../chromium/client.html.
 *
 * A step sends one frame; with a name, it then waits for `answer`, or for the
 * payload itself when there is no other answer.
 */
static char bytes[256], large_text[MIB], large_binary[MIB];

static const struct step {
	const char *name;
	enum lws_write_protocol how;
	const char *payload;
	size_t len;
	const char *answer;
} steps[] = {
#define STRING(s) s, sizeof(s) - 1
	{ "text", LWS_WRITE_TEXT, STRING("Grüße, 世界 👋"), NULL },
	{ "empty text", LWS_WRITE_TEXT, STRING(""), NULL },
	{ "binary", LWS_WRITE_BINARY, bytes, sizeof(bytes), NULL },
	{ NULL, LWS_WRITE_TEXT | LWS_WRITE_NO_FIN, STRING("one "), NULL },
	/* Between the fragments: the Pong may not wait for the message's end. */
	{ "pong", LWS_WRITE_PING, STRING("between fragments"), NULL },
	{ NULL, LWS_WRITE_CONTINUATION | LWS_WRITE_NO_FIN, STRING("two — "), NULL },
	{ "fragmented", LWS_WRITE_CONTINUATION, STRING("three"), "one two — three" },
	{ "1 MiB text", LWS_WRITE_TEXT, large_text, sizeof(large_text), NULL },
	{ "1 MiB binary", LWS_WRITE_BINARY, large_binary, sizeof(large_binary), NULL },
};
enum { STEPS = sizeof(steps) / sizeof(steps[0]) };

/* What libwebsockets keeps for each connection; it starts zeroed. */
struct session {
	int driving;
	int step;		/* of steps, when driving */
	int waiting;		/* for the answer to that step */
	int received;		/* a whole message waits to be echoed */
	int binary;
	size_t len;
	unsigned char *message;	/* LWS_PRE bytes of room, then len of payload */
};

static void send_frame(struct lws *wsi, const void *payload, size_t len, enum lws_write_protocol how)
{
	static unsigned char room[LWS_PRE + MAX_MESSAGE];

	memcpy(room + LWS_PRE, payload, len);
	lws_write(wsi, room + LWS_PRE, len, how);
}

/* The answer to the current step came: say whether it is the right one. */
static void answered(struct lws *wsi, struct session *s, const void *payload, size_t len, int binary)
{
	const struct step *step = &steps[s->step];
	const char *want = step->answer ? step->answer : step->payload;
	size_t want_len = step->answer ? strlen(step->answer) : step->len;

	if (len == want_len && !memcmp(payload, want, len) && binary == (step->how == LWS_WRITE_BINARY))
		printf("%s ok\n", step->name);
	else
		printf("%s came back wrong: %zu bytes, binary %d\n", step->name, len, binary);
	s->step++;
	s->waiting = 0;
	lws_callback_on_writable(wsi);
}

static int callback(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct session *s = user;
	char path[32];

	switch (reason) {
	case LWS_CALLBACK_ESTABLISHED:
		s->message = malloc(MAX_MESSAGE);
		lws_hdr_copy(wsi, path, sizeof(path), WSI_TOKEN_GET_URI);
		s->driving = !strcmp(path, "/drive");
		if (s->driving)
			lws_callback_on_writable(wsi);
		break;

	case LWS_CALLBACK_SERVER_WRITEABLE:
		if (s->received) {
			send_frame(wsi, s->message, s->len, s->binary ? LWS_WRITE_BINARY : LWS_WRITE_TEXT);
			s->received = 0;
			s->len = 0;
			lws_rx_flow_control(wsi, 1);
		} else if (s->driving && s->waiting) {
			break; /* the rest of a large frame has been written */
		} else if (s->driving && s->step < STEPS) {
			const struct step *step = &steps[s->step];

			send_frame(wsi, step->payload, step->len, step->how);
			if (step->name) {
				s->waiting = 1;
			} else {
				s->step++;
				lws_callback_on_writable(wsi);
			}
		} else if (s->driving) {
			lws_close_reason(wsi, LWS_CLOSE_STATUS_NORMAL, (unsigned char *)"done", 4);
			return -1;
		}
		break;

	case LWS_CALLBACK_RECEIVE:
		if (s->len + len > MAX_MESSAGE)
			return -1;
		memcpy(s->message + s->len, in, len);
		s->len += len;
		s->binary = lws_frame_is_binary(wsi);
		if (!lws_is_final_fragment(wsi) || lws_remaining_packet_payload(wsi))
			break;
		if (s->driving) {
			if (!s->waiting)
				return -1; /* nothing was asked */
			answered(wsi, s, s->message, s->len, s->binary);
			s->len = 0;
			break;
		}
		s->received = 1;
		lws_rx_flow_control(wsi, 0); /* one message at a time */
		lws_callback_on_writable(wsi);
		break;

	case LWS_CALLBACK_RECEIVE_PONG:
		if (s->waiting)
			answered(wsi, s, in, len, 0);
		break;

	case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
		if (len >= 2)
			printf("closed %d\n", ((unsigned char *)in)[0] << 8 | ((unsigned char *)in)[1]);
		else
			printf("closed 1005\n");
		break;

	case LWS_CALLBACK_CLOSED:
		if (s->driving)
			printf("closed after step %d of %d\n", s->step, STEPS);
		free(s->message);
		break;

	default:
		break;
	}
	return 0;
}

int main(int argc, char **argv)
{
	static const struct lws_protocols protocols[] = {
		{ "echo", callback, sizeof(struct session), 64 * 1024 },
		{ NULL, NULL, 0, 0 },
	};
	struct lws_context_creation_info info = {
		.port = 0,
		.iface = "127.0.0.1",
		.protocols = protocols,
		.gid = -1,
		.uid = -1,
		.options = LWS_SERVER_OPTION_EXPLICIT_VHOSTS,
	};
	struct lws_context *context;
	struct lws_vhost *vhost;
	int i;

	for (i = 0; i < 256; i++)
		bytes[i] = (char)i;
	for (i = 0; i < MIB; i++) {
		large_text[i] = "é"[i % 2];
		large_binary[i] = (char)(i * 7 % 251);
	}

	setvbuf(stdout, NULL, _IOLBF, 0);
	lws_set_log_level(LLL_ERR | LLL_WARN, NULL);
	if (argc == 3) {
		info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
		info.ssl_cert_filepath = argv[1];
		info.ssl_private_key_filepath = argv[2];
	}
	context = lws_create_context(&info);
	if (!context)
		return 1;
	vhost = lws_create_vhost(context, &info);
	if (!vhost)
		return 1;
	printf("%d\n", lws_get_vhost_listen_port(vhost));
	while (lws_service(context, 0) >= 0)
		;
	return 0;
}
