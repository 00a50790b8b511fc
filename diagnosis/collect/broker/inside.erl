%% What diagnose asks of a broker, in one call of `rabbitmqctl eval`; the arguments are names of queues. Reads only.
%% A part that this version of RabbitMQ cannot answer is null. Names that clients chose are cut, and replaced where they are not UTF-8.
Try = fun(F) -> try F() catch _:_ -> null end end,
Utf8 = fun(B) -> case unicode:characters_to_binary(B) of U when is_binary(U) -> string:slice(U, 0, 300); _ -> <<"?">> end end,
Text = fun
  (V) when is_binary(V) -> Utf8(V);
  (V) when is_atom(V) -> atom_to_binary(V, utf8);
  (V) when is_tuple(V) -> try list_to_binary(inet:ntoa(V)) catch _:_ -> <<"?">> end;
  (V) -> try Utf8(iolist_to_binary(V)) catch _:_ -> <<"?">> end
end,
Pick = fun(Keys, List) -> maps:from_list([{K, Text(proplists:get_value(K, List, <<>>))} || K <- Keys]) end,
Names = [iolist_to_binary(A) || A <- [_1, _2, _3]],
Vhosts = rabbit_vhost:list_names(),
Places = [{V, N, rabbit_misc:r(V, queue, N)} || V <- Vhosts, N <- Names],
NameOf = fun(Connection) ->
  case lists:keyfind(<<"connection_name">>, 1, proplists:get_value(client_properties, Connection, [])) of
    {_, longstr, Name} -> Utf8(Name);
    _ -> <<>>
  end
end,
Plain = fun(V) when is_integer(V); is_boolean(V) -> V; (V) -> Text(V) end,
Info = fun({V, N, Resource}) ->
  case rabbit_amqqueue:lookup(Resource) of
    {ok, Q} -> [maps:merge(#{vhost => Utf8(V), name => N, messages => 0, consumers => 0},
      try maps:from_list([{K, Plain(I)} || {K, I} <- rabbit_amqqueue:info(Q, [messages, consumers, durable, type, state]), I =/= ''])
      catch _:_ -> #{state => <<"down">>} end)];
    _ -> []
  end
end,
rabbit_json:encode(#{
  ports => Try(fun() -> [element(6, L) || L <- rabbit_networking:active_listeners(), element(2, L) =:= node()] end),
  vhosts => [Utf8(V) || V <- Vhosts],
  users => Try(fun() -> [Utf8(proplists:get_value(user, U)) || U <- rabbit_auth_backend_internal:list_users()] end),
  permissions => Try(fun() -> [Pick([vhost, user, configure, write, read], P) || P <- rabbit_auth_backend_internal:list_permissions()] end),
  alarms => Try(fun() -> lists:usort([case A of {{resource_limit, R, _}, _} -> Text(R); _ -> Text(A) end || A <- rabbit_alarm:get_alarms()]) end),
  connections => Try(fun() -> [maps:put(name, NameOf(C), Pick([user, vhost, peer_host, state], C)) || C <- lists:sublist(rabbit_networking:connection_info_all([user, vhost, peer_host, state, client_properties]), 3000)] end),
  bindings => Try(fun() -> [#{vhost => Utf8(V), source => Utf8(element(4, element(2, B))), destination => Utf8(element(4, element(4, B))), key => Utf8(element(3, B))}
    || {V, N, R} <- Places, N =:= hd(Names), B <- lists:sublist(rabbit_binding:list_for_destination(R), 100)] end),
  queues => Try(fun() -> lists:append([Info(P) || P <- Places]) end)
}).
