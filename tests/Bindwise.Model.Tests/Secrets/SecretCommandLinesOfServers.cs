namespace Bindwise.Model.Tests.Secrets;

/// <summary>More command lines with secrets, written down after the rules, to see how far they carry. Written as in <see cref="SecretCommandLines"/>.</summary>
internal static class SecretCommandLinesOfServers
{
    public static IEnumerable<string> All => Rows.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private const string Rows = """
        keycloak|start|--db-password=«x1y2»|--http-port=8080
        kc.sh|start-dev|--https-key-store-password=«x1y2»
        sonarqube|-Dsonar.jdbc.password=«x1y2»
        solr|start|-Dbasicauth=joe:«x1y2»
        mvn|-Dsettings.password=«x1y2»
        spring|--spring.datasource.password=«x1y2»|--server.port=8080
        spring|--spring.redis.password|«x1y2»
        clickhouse|client|--user|joe|--password=«x1y2»
        influx|config|create|--token|«x1y2»|-o|org
        telegraf|--token=«x1y2»
        loki|-auth.token=«x1y2»
        promtail|-client.basic-auth.password=«x1y2»
        grafana-agent|-metrics.remote-write.bearer-token|«x1y2»
        traefik|--providers.consul.token=«x1y2»
        haproxy_exporter|--haproxy.scrape-uri=http://joe:«x1y2»@h/;csv
        blackbox|--target|ftp://joe:«x1y2»@h
        redis_exporter|--redis.password=«x1y2»|--redis.addr=redis://h:6379
        redis_exporter|-redis.password|«x1y2»
        mysqld_exporter|--mysqld.username=joe|DATA_SOURCE_NAME=joe:«x1y2»@(h:3306)/
        rabbitmq_exporter|RABBIT_PASSWORD=«x1y2»
        elasticsearch_exporter|--es.uri=https://joe:«x1y2»@es:9200
        kibana|--elasticsearch.password=«x1y2»
        filebeat|-E|output.elasticsearch.password=«x1y2»
        metricbeat|-Eoutput.elasticsearch.api_key=«id:x1y2z3»
        logstash|-e|input{} output{elasticsearch{ user => "joe" password => "«x1y2»" }}
        fluent-bit|-o|es|-p|HTTP_Passwd=«x1y2»
        vector|--api-key|«x1y2»
        datadog-agent|--api-key=«x1y2»
        cloudflared|tunnel|--token=«eyJhIjoiYWJj»|run
        cloudflared|access|tcp|--service-token-secret|«x1y2»
        frps|--token=«x1y2»|--bind_port=7000
        bore|local|8000|--secret|«x1y2»
        inlets|client|--token|«x1y2»
        rathole|--token|«x1y2»
        wireguard|--private-key=«yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk=»
        openconnect|--cookie=«x1y2»|vpn
        openconnect|--cookie|«x1y2»|vpn
        vpnc|--password|«x1y2»
        xl2tpd|--pw=«x1y2»
        pppd|call|x|user|joe|password|«x1y2»
        sftpgo|portable|-u|joe|-p|«x1y2»
        filebrowser|--password|«x1y2»|--port|8080
        webdav|--password=«x1y2»
        dufs|-a|joe:«x1y2»@/:rw
        miniserve|--auth|joe:«x1y2»|-p|8080
        miniserve|-a|joe:«x1y2»
        http-server|--username|joe|--password|«x1y2»|-p|8080
        darkhttpd|/srv|--auth|joe:«x1y2»
        pure-ftpd|--pw|«x1y2»
        python3|-m|pyftpdlib|-u|joe|-P|«x1y2»
        gitea|admin|user|create|--username|joe|--password|«x1y2»
        act_runner|register|--token|«x1y2»|--instance|http://h
        drone|--rpc-secret|«x1y2»
        woodpecker-agent|WOODPECKER_AGENT_SECRET=«x1y2»
        jenkins|-Dhudson.api.token=«x1y2»
        nexus|-Dnexus.admin.password=«x1y2»
        artifactory|--access-token=«x1y2»
        jf|rt|u|--apikey=«x1y2»|a|b
        jf|c|add|--password=«x1y2»
        twine|upload|-u|joe|-p|«x1y2»|dist/x
        cargo|login|«cioabcdefABCDEF0123456789abcdefABCDEF»
        cargo|publish|--token|«x1y2»
        nuget|setapikey|«x1y2-3333»
        nuget|push|a|-ApiKey|«x1y2»
        choco|push|--api-key='«x1y2»'
        conda|--token|«x1y2»
        docker|plugin|set|x|password=«x1y2»
        docker|service|create|--env|DB_PASSWORD=«x1y2»|app
        ctr|images|pull|--user|joe:«x1y2»|h/i
        crictl|pull|--creds|joe:«x1y2»|h/i
        nerdctl|login|--password|«x1y2»|h
        oras|push|--password|«x1y2»|h/i
        flux|bootstrap|git|--password=«x1y2»
        argocd|login|h|--username|joe|--password|«x1y2»
        argocd|app|list|--auth-token|«x1y2»
        istioctl|--token|«x1y2»
        oc|login|--token=«sha256~x1y2»|--server=https://h:6443
        rosa|login|--token|«x1y2»
        ibmcloud|login|--apikey|«x1y2»
        ibmcloud|login|-p|«x1y2»
        doctl|auth|init|-t|«dop_v1_0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef»
        linode-cli|--token|«x1y2»
        hcloud|--token=«x1y2»
        scw|init|secret-key=«x1y2»
        aws|rds|create-db-instance|--master-user-password|«x1y2»|--port|5432
        az|sql|server|create|--admin-password|«x1y2»
        az|vm|create|--admin-password=«x1y2»
        terraform|plan|-var=db_password=«x1y2»
        terraform|plan|-var|token=«x1y2»
        packer|build|-var|aws_secret_key=«x1y2»|x.json
        pulumi|config|set|--secret|dbPassword|«x1y2»
        salt|h|user.add|password=«x1y2»
        knife|bootstrap|h|-P|«x1y2»
        mutt|-e|set smtp_pass="«x1y2»"
        mailx|-S|smtp-auth-password=«x1y2»
        curl|--user|joe:«p:q»|ftp://h
        curl|--url|smtp://mx|--user|joe:«x1y2»
        curl|-k|-X|POST|--data|{"query":"x","apikey":"«x1y2»"}
        curl|-d|api_key=«x1y2»&text=hello
        curl|-H|X-Plex-Token: «x1y2»|http://h
        curl|http://h/?X-Plex-Token=«x1y2»
        curl|http://h/x?apikey=«x1y2»&t=movie
        curl|http://h/x?auth=«x1y2z3a4b5»
        curl|https://joe:«x1y2»@h:8443/x
        wget|ftp://joe:«x1y2»@h/f
        sqlcl|joe/«x1y2»@db
        hdbsql|-u|joe|-p|«x1y2»
        snowsql|--password|«x1y2»
        bq|--api_key|«x1y2»
        trino|--access-token|«x1y2»
        psql|-d|postgresql://joe:«x1y2»@h/d|-p|5432
        pg_basebackup|-d|host=h password=«x1y2»
        patroni|PATRONI_SUPERUSER_PASSWORD=«x1y2»
        kafka-console-consumer|--consumer-property|sasl.jaas.config=org.x required username="joe" password="«x1y2»";
        zookeeper|-Dzookeeper.ssl.keyStore.password=«x1y2»
        pulsar|--auth-params|token:«eyJhbGciOiJIUzI1NiJ9x1y2»
        nats|--server|nats://joe:«x1y2»@h:4222
        nats|sub|x|--token|«x1y2»
        rabbitmqadmin|--password=«x1y2»
        emqx|--cookie|«x1y2»
        activemq|-Dactivemq.password=«x1y2»
        celery|--broker=redis://:«x1y2»@h/0
        flower|--broker_api=http://joe:«x1y2»@h:15672/api/
        airflow|connections|add|x|--conn-password|«x1y2»
        airflow|connections|add|x|--conn-uri|mysql://joe:«x1y2»@h/d
        mlflow|--backend-store-uri|postgresql://joe:«x1y2»@h/d
        jupyterhub|--JupyterHub.cookie_secret=«x1y2»
        streamlit|run|x|--server.cookieSecret=«x1y2»
        n8n|N8N_BASIC_AUTH_PASSWORD=«x1y2»
        nodered|-D|credentialSecret=«x1y2»
        ghost|database__connection__password=«x1y2»
        strapi|ADMIN_JWT_SECRET=«x1y2»
        rails|s|SECRET_KEY_BASE=«x1y2»
        php|-d|mysqli.default_pw=«x1y2»
        wp|config|create|--dbuser=joe|--dbpass=«x1y2»|--dbname=x
        wp|user|create|joe|j@h|--user_pass=«x1y2»
        drush|si|--account-pass=«x1y2»|--db-url=mysql://joe:«x1y2»@h/d
        magento|setup:install|--db-password=«x1y2»|--admin-password=«x1y2»
        mongosh|mongodb+srv://joe:«x1y2»@c.h/d
        mongosh|--authenticationDatabase|admin|-u|joe|--password|«x1y2»
        cbbackupmgr|-u|joe|-p|«x1y2»
        arangod|--server.jwt-secret=«x1y2»
        neo4j|--password=«x1y2»
        etcdctl|--password=«x1y2»|--user=root
        tarantoolctl|connect|joe:«x1y2»@h:3301
        meilisearch|--master-key=«x1y2»
        meilisearch|--master-key|«x1y2»|--http-addr|0.0.0.0:7700
        typesense-server|--api-key=«x1y2»|--data-dir=/d
        qdrant|--api-key|«x1y2»
        weaviate|--authentication-apikey|«x1y2»
        open-webui|WEBUI_SECRET_KEY=«x1y2»
        text-generation-launcher|--api-key|«x1y2»
        litellm|--master_key|«x1y2»
        claude|--api-key|«sk-ant-api03-abcdefghijklmnop0123456789»
        tightvnc|-password|«x1y2»
        ffmpeg|-i|x|rtmp://a.h/live2/x?streamkey=«x1y2z3»
        ffmpeg|-f|mp4|srt://h:9000?passphrase=«x1y2x1y2»
        sipp|-au|joe|-ap|«x1y2»|h
        minecraft|--rcon.password=«x1y2»
        srcds|+rcon_password|«x1y2»|-port|27015
        srcds|+sv_password|«x1y2»|+map|x
        mcrcon|-H|h|-p|«x1y2»
        bitcoind|-rpcuser=joe|-rpcpassword=«x1y2»|-rpcport=8332
        bitcoin-cli|-rpcpassword=«x1y2»|getinfo
        monerod|--rpc-login|joe:«x1y2»
        monerod|--rpc-login=joe:«x1y2»
        lnd|--bitcoind.rpcpass=«x1y2»
        transmission-daemon|--username|joe|--password|«x1y2»|-p|9091
        syncthing|--gui-apikey=«x1y2»
        restic|-r|rest:https://joe:«x1y2»@h/|backup
        rclone|--webdav-pass|«x1y2»
        rclone|rcd|--rc-user|joe|--rc-pass|«x1y2»|--rc-addr=:5572
        duplicity|sftp://joe:«x1y2»@h/x
        borg|--rsh|sshpass -p «x1y2» ssh
        curlftpfs|joe:«x1y2»@h.example|/m
        gpg|--passphrase='«a b»'
        codesign|--keychain-password|«x1y2»
        app|--config.json={"db":{"pass":"«hunter2»"}}
        app|--set=redis.password=«hunter2»,redis.port=6379
        app|-c|password=«hunter2»
        python|manage.py|shell|-c|conn = connect(password='«hunter2»')
        node|-e|fetch(u,{headers:{Authorization:'Bearer «hunter2»'}})
        node|-e|require('pg').connect({user:'joe',password:'«hunter2»'})
        ruby|-e|Redis.new(password: "«hunter2»")
        perl|-e|DBI->connect($d,{password=>'«hunter2»'})
        java|-jar|a.jar|--spring.config.import=vault://|--spring.cloud.vault.token=«s.abc»
        java|-Dhttp.proxyPassword=«hunter2»|-Dhttp.proxyHost=h|M
        java|-Djavax.net.ssl.trustStorePassword=«changeit»|M
        java|-Dlogin.config=/x|-DAPI_KEY=«x1y2z3»|M
        dotnet|app.dll|--ConnectionStrings:Default|Server=h;User=sa;Password=«hunter2»
        dotnet|app.dll|--Stripe:SecretKey=«sk_x1y2»
        dotnet|user-secrets|set|Db:Password|«hunter2»
        php|artisan|serve|DB_PASSWORD=«hunter2»
        psql|-U|joe|-h|db|-v|pw=«hunter2»
        psql|postgresql:///d?host=h&user=joe&password=«hunter2»
        psql|service=x password=«hunter2» user=joe
        mysql|-h|db|-ujoe|-p«hun;ter2»
        mysql|--user=joe|--password=«p@ss:w/rd»|d
        mongo|--username|joe|--password|«hunter2»|--authenticationDatabase|admin
        mongodump|--uri=mongodb://joe:«hunter2»@h:27017/d
        mongodump|--uri|mongodb+srv://joe:«hun%40ter2»@h.example/d
        redis-cli|-u|redis://default:«hunter2»@h:6379
        redis-cli|--user|joe|--pass|«hunter2»|ping
        redis-server|--masterauth|«hunter2»|--port|6380
        redis-sentinel|--sentinel|auth-pass|mymaster|«hunter2»
        cockroach|sql|--url|postgres://joe:«hunter2»@h:26257/d
        influx|-username|joe|-password|«hunter2»
        clickhouse-client|-h|h|-u|joe|--password|«hunter2»
        sqlplus|sys/«hunter2»@//h/x|as|sysdba
        sqlplus|-s|joe/«hun/ter2»@db
        sqlldr|userid=joe/«hunter2»@db|control=x.ctl
        rman|target|sys/«hunter2»@db
        tsql|-S|s|-U|sa|-P|«hunter2»
        kubectl|config|set-credentials|joe|--token=«hunter2»
        kubectl|config|set-credentials|joe|--password=«hunter2»|--username=joe
        kubectl|create|secret|docker-registry|x|--docker-password=«hunter2»|--docker-username=joe
        k3s|server|--token|«hunter2»|--tls-san|h|--disable|traefik
        k3s|agent|-t|«K10abc::node:xyz»|-s|https://h:6443
        consul|agent|-retry-join|10.0.0.1|-encrypt|«abcDEF0123456789abcDEF==»
        consul|kv|get|-token=«abc-def»|x
        vault|write|auth/approle/login|role_id=r|secret_id=«0f9e8d7c-1111-2222-3333-444455556666»
        vault|operator|rekey|«abc0123»
        boundary|authenticate|password|-password|«hunter2»
        nats-server|--user=joe|--pass=«hunter2»
        nats|--server|tls://«s3cr3t0123456789abc»@h:4222|sub|x
        nats|req|--password=«hunter2»|--user=joe|x|y
        ss-server|-c|/etc/ss.json|-k|«hunter2»
        ssserver|-s|[::]:8388|-m|aes-256-gcm|-k|«hunter2»|--log-without-time
        sslocal|-b|127.0.0.1:1080|--server-url|ss://«YWVzLTI1Ni1nY206cGFzcw==»@h:8388
        xray|vless://«0f9e8d7c-1111-2222-3333-444455556666»@h:443?encryption=none
        xray|vmess://«eyJ2IjoiMiIsInBzIjoiIn0=»
        brook|server|-l|:9999|-p|«hunter2»
        trojan-go|-client|-password|«hunter2»|-remote|h:443
        hysteria|server|--auth|«hunter2»
        ttyd|-p|80|-c|joe:«hun:ter2»|login
        ttyd|--credential=joe:«hunter2»|bash
        wetty|--ssh-pass|«hunter2»|--port|3000
        sshpass|-p'«hunter2»'|ssh|joe@h
        ssh|-o|ProxyCommand=sshpass -p«hunter2» ssh -W %h:%p joe@jump|h
        ssh|-o|ProxyCommand=nc -X connect -x p:3128 --proxy-auth joe:«hunter2» %h %p|h
        rsync|-e|sshpass -p «hunter2» ssh -p 2222|a|joe@h:/b
        openssl|s_client|-connect|h:443|-pass|pass:«hunter2»
        openssl|genrsa|-aes256|-passout|pass:«hun ter2»|2048
        openssl|pkcs12|-in|x.p12|-passin|pass:«x»|-nodes
        openssl|dgst|-sha256|-hmac|«hunter2»|f
        gpg|--pinentry-mode|loopback|--passphrase=«hunter2»|-c|f
        curl|-u|«ghp_0123456789abcdefghijABCDEFGHIJ012345»:|http://h
        curl|-ujoe:«hunter2»|-k|https://h
        curl|--user=joe:«hunter2»|https://h
        curl|-H|Authorization:Bearer «hunter2x»|http://h
        curl|-H|authorization: bearer «hunter2»|http://h
        curl|-H|X-API-KEY:«hunter2»|http://h
        curl|-H|x-goog-api-key: «hunter2»|http://h
        curl|-H|Private-Token: «hunter2»|http://h
        curl|-H|X-Auth-Key: «hunter2»|-H|X-Auth-Email: joe@h.example|http://h
        curl|-H|Content-Type: application/json|-d|{"apiKey":"«hunter2»"}|http://h
        curl|-d|{"query":"{ user(token: \"«hunter2»\") { id } }"}|http://h
        curl|-F|password=«hunter2»|http://h
        curl|http://h/path;jsessionid=«0123ABCD»?x=1
        curl|http://h/?token=«abc»#x
        curl|http://h/?sv=1&sr=b&sig=«abc%3D»&se=2
        curl|http://h/?a=1&Signature=«abcd1234»&KeyName=x
        curl|http://h/x?AWSAccessKeyId=«AKIAIOSFODNN7EXAMPLE»&Signature=«abcd1234%3D»
        curl|http://h/?password=«a»
        wget|--header|Cookie: «a=b»|http://h
        wget|--user|joe|--password|«hunter2»|http://h
        http|POST|h|password=«hunter2»
        http|POST|h|token:=«12345678»
        aws|configure|set|aws_access_key_id|«AKIAIOSFODNN7EXAMPLE»
        az|storage|blob|upload|--connection-string|DefaultEndpointsProtocol=https;AccountName=n;AccountKey=«abc/+==»
        gsutil|-o|Credentials:gs_secret_access_key=«abc123»|ls
        s3cmd|--secret_key|«abc/def»|--access_key|«AKIAIOSFODNN7EXAMPLE»|ls
        mc|config|host|add|m|http://h|joe|«hunter2»
        docker|run|-e|TOKEN=«abc»|-v|/a:/b|nginx
        docker|login|-u|joe|--password|«hunter2»|h
        helm|install|--set|auth.rootPassword=«hunter2»|--set|service.port=80|x
        terraform|apply|-var=token=«hunter2»|-auto-approve
        pulumi|up|--config|db:password=«hunter2»
        ansible|all|-m|ping|-e|ansible_password=«hunter2»
        ansible-playbook|-e|{"token":"«abc»","port":80}|x.yml
        salt-call|--local|x|pillar={"password":"«hunter2»"}
        jenkins|-jar|agent.jar|-jnlpUrl|http://h|-secret|«0123abcd»|-workDir|/x
        java|-jar|jenkins-cli.jar|-auth|joe:«hunter2»|-s|http://h|x
        gitlab-runner|register|-r|«hunter2»|-u|http://h
        sonar-scanner|-Dsonar.login=«0123456789abcdef0123456789abcdef01234567»
        git|-c|http.extraHeader=PRIVATE-TOKEN: «abc»|clone|https://h/r
        git|clone|https://x-access-token:«ghs_x1y2»@github.com/o/r
        git|remote|set-url|origin|https://gitlab-ci-token:«abc»@h/o/r
        npm|publish|--otp=«123456»
        pip|install|--extra-index-url|https://__token__:«pypi-x1y2»@h/simple|x
        twine|upload|--username|__token__|--password|«pypi-x1y2»|d
        smbclient|//h/s|«hunter2»|-U|joe
        smbclient|//h/s|-U|joe%«hunter2»|-c|ls
        mount|-t|cifs|//h/s|/m|-o|user=joe,password=«hunter2»
        ldapsearch|-x|-D|cn=a,dc=b|-w|«hunter2»|-b|dc=b
        ldapadd|-D|cn=a|-w«hunter2»|-f|x.ldif
        radtest|joe|«hunter2»|h|0|«testing123»
        snmpwalk|-v|2c|-c|«priv4te»|h
        snmpget|-v3|-l|authPriv|-u|joe|-a|SHA|-A|«authpass1»|-x|AES|-X|«privpass1»|h|oid
        ipmitool|-I|lanplus|-H|h|-U|joe|-P|«hunter2»|chassis|status
        xfreerdp|/v:h|/u:joe|/p:«hunter2»|/cert:ignore
        xfreerdp|/v:h|/u:joe|/password:«hunter2»
        ffmpeg|-i|rtsp://joe:«hunter2»@h/s|-f|flv|rtmp://h/app/key
        mosquitto_sub|-h|h|-u|joe|-P|«hunter2»|-t|#
        kcat|-b|h|-X|sasl.username=joe|-X|sasl.password=«hunter2»
        telegram-send|--token|«123456789:AAabcdefghijklmnopqrstuvwxyz0123456»
        app|--webhook|https://hooks.slack.com/services/«T0/B0/xyz»
        app|--telegram-token=«123456:abc»
        app|--otp-secret|«JBSWY3DPEHPK3PXP»
        app|--session-secret=«abc»
        app|--sessionKey|«abc»
        app|--cookie|«sid=abc»
        app|--private-key|«MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ»
        app|--seed-phrase|«a b c d»
        docker|run|-e|NEO4J_AUTH=neo4j/«hunter2»|neo4j
        docker|run|--env=NEO4J_AUTH=neo4j/«hunter2»|neo4j
        sh|-c|NEO4J_AUTH='neo4j/«hunter2»' exec neo4j console
        sh|-c|docker run -e "NEO4J_AUTH=neo4j/«hunter2»" neo4j
        iodined|-f|-c|-P|«hunter2»|10.0.0.1|t.example.com
        iodine|-P«hunter2»|t.example.com
        udp2raw|-s|-l0.0.0.0:4096|-r127.0.0.1:7777|-k|«hunter2»|--raw-mode|faketcp
        udp2raw_amd64|-c|-l0.0.0.0:3333|-r10.0.0.9:4096|--key|«hunter2»
        speederv2|-s|-l0.0.0.0:4096|-r127.0.0.1:7777|-f20:10|-k«hunter2»
        edge|-d|n2n0|-c|net|-k|«hunter2»|-a|10.1.2.3|-l|h:7777
        supernode|-l|7777|-k|«hunter2»
        edge|-k«encryptme»|-c|net
        client_linux_amd64|-key|«hunter2»
        server_linux_amd64|-t|127.0.0.1:8388|-l|:4000|--key|«hunter2»|--crypt|aes
        client_linux_amd64|-r|h:4000|-l|:8388|--key=«hunter2»
        mjpg_streamer|-i|input_uvc.so -d /dev/video0|-o|output_http.so -w ./www -p 8080 -c joe:«hunter2»
        sh|-c|mjpg_streamer -o "output_http.so -p 8080 -c joe:«hunter2»"
        python3|-m|pyftpdlib|-p|2121|-P|«hunter2»|-u|joe
        python3|-u|-m|pyftpdlib|-u|joe|-P|«hunter2»
        app|«dapi0123456789abcdef0123456789abcdef»

        """;
}
